#include "luaflash/relocate.h"

#include "core/bytes.h"
#include "luaflash/format.h"

namespace flashstore::luaflash {

void relocate(std::span<uint8_t> image, std::span<const uint8_t> bitmap, uint32_t base) {
  const size_t words = image.size() / kWordBytes;
  uint32_t tags = 0;
  for (size_t i = 0; i < words; ++i) {
    if (i % 32 == 0) {
      tags = core::load_word(bitmap, i / 32 * kWordBytes);
    }
    if (tags & 1) {
      core::store_word(image, i * kWordBytes,
                       core::load_word(image, i * kWordBytes) * kWordBytes + base);
    }
    tags >>= 1;
  }
}

}  // namespace flashstore::luaflash
