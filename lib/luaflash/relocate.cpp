#include "luaflash/relocate.h"

#include "core/bytes.h"
#include "luaflash/format.h"

namespace flashstore::luaflash {
namespace {

bool marked(std::span<const uint8_t> bitmap, uint32_t word) {
  return bitmap[word / 8] >> word % 8 & 1;
}

}  // namespace

void relocate(std::span<uint8_t> words, std::span<const uint8_t> bitmap, uint32_t base,
              uint32_t first) {
  for (size_t at = 0; at < words.size(); at += kWordBytes, ++first) {
    if (marked(bitmap, first)) {
      core::store_aligned_word(words, at, core::load_aligned_word(words, at) * kWordBytes + base);
    }
  }
}

void unrelocate(std::span<uint8_t> image, std::span<const uint8_t> bitmap, uint32_t base) {
  for (uint32_t i = 0; i < image.size() / kWordBytes; ++i) {
    if (marked(bitmap, i)) {
      const uint32_t distance = core::load_aligned_word(image, i * kWordBytes) - base;
      core::store_aligned_word(image, i * kWordBytes, distance / kWordBytes);
    }
  }
}

}  // namespace flashstore::luaflash
