#include "luaflash/string_hash.h"

#include <gtest/gtest.h>

#include <string>

namespace flashstore::luaflash {
namespace {

// The values stand in images of the original compiler.
TEST(StringHash, IsThatOfLua) {
  EXPECT_EQ(string_hash(""), 0u);
  EXPECT_EQ(string_hash("a"), 0x80u);
  EXPECT_EQ(string_hash("=(luac)"), 0xBE5FC006u);
}

TEST(StringHash, SkipsBytesOfLongStrings) {
  std::string text(64, 'x');  // every third byte counts, from the last on
  const uint32_t hash = string_hash(text);
  text[61] = 'y';
  EXPECT_EQ(string_hash(text), hash);
  text[63] = 'y';
  EXPECT_NE(string_hash(text), hash);
}

}  // namespace
}  // namespace flashstore::luaflash
