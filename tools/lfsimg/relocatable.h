// Images between "at any address" and "at this one".
#pragma once

#include <cstdint>
#include <vector>

#include "image_file.h"

namespace flashstore::lfsimg {

// An image with offsets for addresses, and the bitmap that marks them.
struct Relocatable {
  std::vector<uint8_t> image;
  std::vector<uint8_t> bitmap;
};

// Looks `file` through and through: whatever its form, the bitmap comes from the image itself, and
// must be the one it has. The error names the first flaw and what it means for a device.
core::Result<Relocatable, Problem> make_relocatable(const ImageFile& file);

// The image for the byte address `base`, marked absolute.
std::vector<uint8_t> at_address(Relocatable image, uint32_t base);

}  // namespace flashstore::lfsimg
