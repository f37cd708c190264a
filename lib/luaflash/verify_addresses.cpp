#include "luaflash/address_chain.h"
#include "luaflash/relocate.h"
#include "luaflash/verify_structure.h"

namespace flashstore::luaflash {
namespace {

// Where two bitmaps differ, in bits; `bits` if they do not.
uint32_t difference(std::span<const uint8_t> a, std::span<const uint8_t> b, uint32_t bits) {
  uint32_t at = 0;
  while (at < bits && ((a[at / 8] ^ b[at / 8]) >> at % 8 & 1) == 0) {
    ++at;
  }
  return at;
}

}  // namespace

StructureVerdict verify_addresses(const ImageView& image, std::span<const uint8_t> bitmap) {
  const uint32_t words = image.words();
  if (image.absolute()) {
    return {};
  }
  if (!image.dialect().chained) {
    const uint32_t bits = bitmap_words(words * kWordBytes) * 32;
    if (image.rest().size() != bits / 8) {
      return {StructureFinding::kBitmap, words};
    }
    const uint32_t at = difference(image.rest(), bitmap, bits);
    return at == bits ? StructureVerdict{} : StructureVerdict{StructureFinding::kBitmap, at};
  }
  if (!image.rest().empty()) {
    return {StructureFinding::kGap, words};
  }
  for (uint32_t at = next_address(bitmap, 0, words); at < words;) {
    const uint32_t next = next_address(bitmap, at + 1, words);
    if (image.word(at) >> kChainNextShift != (next < words ? next : 0)) {
      return {StructureFinding::kBitmap, at};
    }
    at = next;
  }
  return {};
}

}  // namespace flashstore::luaflash
