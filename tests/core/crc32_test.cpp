#include "core/crc32.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <numeric>
#include <vector>

#include "support/files.h"

namespace flashstore::core {
namespace {

TEST(Crc32, HasTheCheckValueOfItsDefinition) {
  EXPECT_EQ(crc32(test::as_bytes("123456789")), 0xCBF43926u);
}

TEST(Crc32, OfNothingIsZero) {
  EXPECT_EQ(crc32({}), 0u);
}

TEST(Crc32, IsZlibsForAllBytesAndLengths) {
  std::vector<uint8_t> bytes(600);
  std::iota(bytes.begin(), bytes.end(), uint8_t{0});
  for (size_t size = 0; size <= bytes.size(); ++size) {
    ASSERT_EQ(crc32({bytes.data(), size}), ::crc32(0, bytes.data(), static_cast<uInt>(size)));
  }
}

TEST(Crc32, ContinuesFromWhatComesBefore) {
  const std::string text = "a chip reads its file in little pieces";
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    const uint32_t before = crc32(test::as_bytes(std::string_view(text).substr(0, cut)));
    ASSERT_EQ(crc32(test::as_bytes(std::string_view(text).substr(cut)), before),
              crc32(test::as_bytes(text)));
  }
}

}  // namespace
}  // namespace flashstore::core
