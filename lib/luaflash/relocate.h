// Relocation: a position-independent image becomes one for a fixed address (FORMAT.md,
// "Addresses").
#pragma once

#include <cstdint>
#include <span>

namespace flashstore::luaflash {

// Words of the relocation bitmap that follows an image of `image_bytes`.
constexpr uint32_t bitmap_words(uint32_t image_bytes) {
  return (image_bytes / 4 + 31) / 32;
}

// Turns each tagged word of `image` from a word offset into the address it has when the image lies
// at `base` (a byte address). `bitmap` tags word i with bit i % 32 of its word i / 32 and is at
// least 4 * bitmap_words(image.size()) bytes; both are little-endian. image.size() is a multiple
// of 4. Nothing else changes: the signature says "absolute" only if the caller sets kAbsoluteBit.
void relocate(std::span<uint8_t> image, std::span<const uint8_t> bitmap, uint32_t base);

}  // namespace flashstore::luaflash
