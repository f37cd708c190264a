// IR to image: layout and bytes (luaflash/FORMAT.md).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "luac/base_image.h"
#include "luac/ir.h"
#include "luac/target.h"

namespace flashstore::luac {

// A position-independent image with its relocation bitmap, not compressed.
struct Image {
  std::vector<uint8_t> payload;  // the image, then the bitmap
  uint32_t image_bytes = 0;

  std::span<const uint8_t> image() const { return std::span(payload).first(image_bytes); }
  std::span<const uint8_t> bitmap() const { return std::span(payload).subspan(image_bytes); }
};

// Lays out `root` (a master function) and all it contains. Devices take images of up to
// luaflash::kMaxImageWords; it is for the caller to compare. Strings that `base` has are used where
// they lie: then it is an image to attach. Throws std::bad_alloc.
Image write_image(const Function& root, Flavour flavour, const BaseImage& base = {});

// The image as it must lie in flash at byte address `base` (a multiple of 4), marked absolute.
std::vector<uint8_t> make_absolute(const Image& image, uint32_t base);

// The image as a file that can be attached where its content is mapped at `address`, a multiple of
// 4, beside the `base` it was written with.
std::vector<uint8_t> make_attachable(const Image& image, uint32_t address, const BaseImage& base);

}  // namespace flashstore::luac
