// Relocation: a position-independent image becomes one for a fixed address, and back (FORMAT.md,
// "Addresses").
#pragma once

#include <cstdint>
#include <span>

namespace flashstore::luaflash {

// Words of the relocation bitmap that follows an image of `image_bytes`.
constexpr uint32_t bitmap_words(uint32_t image_bytes) {
  return (image_bytes / 4 + 31) / 32;
}

// Turns each marked word of `words` from a word offset into the address it has when the image lies
// at `base` (a byte address). `words` are those of an image from word `first` on, a part or all of
// it. `bitmap` is that of the whole image: it marks word i with bit i % 32 of its word i / 32. Both
// are little-endian and of whole words. Nothing else changes: the signature says "absolute" only if
// the caller sets kAbsoluteBit.
void relocate(std::span<uint8_t> words, std::span<const uint8_t> bitmap, uint32_t base,
              uint32_t first = 0);

// The other way: each marked word of an image at `base` becomes an offset again.
void unrelocate(std::span<uint8_t> image, std::span<const uint8_t> bitmap, uint32_t base);

}  // namespace flashstore::luaflash
