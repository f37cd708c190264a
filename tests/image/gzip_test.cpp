#include "image/gzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>

#include "support/files.h"

namespace flashstore::image {
namespace {

// Text that repeats itself from `distance` bytes before, unlike anything between.
std::string repeating_at(size_t distance) {
  std::mt19937 random(7);
  std::string text;
  for (size_t i = 0; i < distance; ++i) {
    text += static_cast<char>(random());
  }
  return text + text;
}

std::string zipped(const std::string& payload) {
  return test::as_text(gzip(test::as_bytes(payload)));
}

TEST(Gzip, GivesTheContentBack) {
  const std::string payload = repeating_at(20000);
  EXPECT_EQ(test::gunzip(zipped(payload)), payload);
}

TEST(Gzip, NeverReachesBackFurtherThanADevicesWindow) {
  EXPECT_LT(zipped(repeating_at(16000)).size(), 17000u);  // near enough: found
  EXPECT_GT(zipped(repeating_at(16385)).size(), 32000u);  // too far: not used
}

TEST(Gzip, ALittlePayloadStillGivesAFileDevicesRead) {
  for (const size_t size : {180u, 400u, 2000u}) {
    EXPECT_GT(zipped(std::string(size, 'x')).size(), 200u) << size;
  }
}

TEST(Gzip, HeaderHasNoNameTimeOrHostInIt) {
  const std::string file = zipped(repeating_at(100));
  EXPECT_EQ(file.substr(0, 8), std::string("\x1f\x8b\x08\0\0\0\0\0", 8));
  EXPECT_EQ(file[9], 3);
}

}  // namespace
}  // namespace flashstore::image
