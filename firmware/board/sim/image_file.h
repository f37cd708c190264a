// An image file becomes the content of the device's LFS partition.
#pragma once

#include <cstdint>
#include <string>

#include "core/nor_flash.h"

namespace flashstore::sim {

// The whole file. Throws Failure.
std::string read_file(const std::string& path);

// Programs the absolute image in file `path` into a blank chip, where `base` of the flash window is
// mapped: the partition begins there that reaches to the window's end. Throws Failure if the device
// would refuse it, saying why and what to do.
void load_image(const std::string& path, uint32_t base, core::NorFlash& chip);

}  // namespace flashstore::sim
