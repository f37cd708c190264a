// An image file becomes the content of the device's LFS partition.
#pragma once

#include <cstdint>
#include <string>

#include "flash_image.h"
#include "flash_window.h"

namespace flashstore::sim {

// The whole file. Throws Failure.
std::string read_file(const std::string& path);

// Puts the absolute image in file `path` at `base` of the window, where the partition begins that
// reaches to the window's end, and mounts it as a device does when it boots. Throws Failure if the
// device would refuse it, saying why and what to do.
FlashImage load_image(const std::string& path, uint32_t base, const FlashWindow& window);

}  // namespace flashstore::sim
