#include "luaflash/address_chain.h"

#include "core/bytes.h"
#include "luaflash/format.h"

namespace flashstore::luaflash {

uint32_t next_address(std::span<const uint8_t> bitmap, uint32_t offset, uint32_t words) {
  while (offset < words && (bitmap[offset / 8] >> offset % 8 & 1) == 0) {
    ++offset;
  }
  return offset;
}

void unchain(std::span<uint8_t> image, std::span<const uint8_t> bitmap) {
  const auto words = static_cast<uint32_t>(image.size() / kWordBytes);
  for (uint32_t at = 0; (at = next_address(bitmap, at, words)) < words; ++at) {
    core::store_word(image, at * kWordBytes,
                     core::load_word(image, at * kWordBytes) & kChainTargetMask);
  }
}

void chain(std::span<uint8_t> image, std::span<const uint8_t> bitmap) {
  const auto words = static_cast<uint32_t>(image.size() / kWordBytes);
  uint32_t at = next_address(bitmap, 0, words);
  while (at < words) {
    const uint32_t next = next_address(bitmap, at + 1, words);
    core::store_word(
        image, at * kWordBytes,
        core::load_word(image, at * kWordBytes) | (next < words ? next << kChainNextShift : 0));
    at = next;
  }
}

}  // namespace flashstore::luaflash
