#include "luaflash/relocate.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/bytes.h"

namespace flashstore::luaflash {
namespace {

TEST(Relocate, ChangesTaggedWordsAndNoOthers) {
  constexpr uint32_t kWords = 70;  // more than two words of bitmap
  constexpr uint32_t kBase = 0x40210000;
  std::vector<uint8_t> image(kWords * 4);
  std::vector<uint8_t> bitmap(bitmap_words(kWords * 4) * 4);
  ASSERT_EQ(bitmap.size(), 12u);
  const auto tagged = [](uint32_t i) { return i % 3 == 0 || i == 31 || i == 32 || i == 69; };
  for (uint32_t i = 0; i < kWords; ++i) {
    core::store_word(image, i * 4, i + 1000);
    if (tagged(i)) {
      bitmap[i / 8] |= static_cast<uint8_t>(1u << i % 8);
    }
  }
  relocate(image, bitmap, kBase);
  for (uint32_t i = 0; i < kWords; ++i) {
    EXPECT_EQ(core::load_word(image, i * 4), tagged(i) ? (i + 1000) * 4 + kBase : i + 1000) << i;
  }
}

TEST(Relocate, AnImageNeedsOneBitmapWordForEach32OfItsWords) {
  EXPECT_EQ(bitmap_words(0), 0u);
  EXPECT_EQ(bitmap_words(4), 1u);
  EXPECT_EQ(bitmap_words(128), 1u);
  EXPECT_EQ(bitmap_words(132), 2u);
}

}  // namespace
}  // namespace flashstore::luaflash
