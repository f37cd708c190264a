#include "image/gzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "image/gzip_check.h"
#include "image/gzip_deflate.h"
#include "image/gzip_payloads.h"
#include "support/files.h"

namespace flashstore::image {
namespace {

using test::as_bytes;
using test::repeating_at;

constexpr Compression kAll[] = {Compression::kNone, Compression::kFast, Compression::kDefault,
                                Compression::kBest};
constexpr Compression kSearching[] = {Compression::kFast, Compression::kDefault,
                                      Compression::kBest};

std::string zipped(const std::string& payload, Compression compression = Compression::kDefault) {
  return test::as_text(gzip(as_bytes(payload), compression));
}

void append_word(std::vector<uint8_t>& file, size_t word) {
  for (int shift = 0; shift < 32; shift += 8) {
    file.push_back(static_cast<uint8_t>(word >> shift));
  }
}

// Why a device would refuse a compressor's own stream. Padded in the header, to be long enough.
std::string refused(const std::vector<uint8_t>& deflated, const std::string& payload) {
  std::vector<uint8_t> file = {0x1F, 0x8B, 8, 8, 0, 0, 0, 0, 0, 3};
  file.insert(file.end(), 200, 'n');  // a name
  file.push_back(0);
  file.insert(file.end(), deflated.begin(), deflated.end());
  append_word(file, crc32_z(0, as_bytes(payload).data(), payload.size()));
  append_word(file, payload.size());
  return std::string(check_gzip(file, as_bytes(payload)).value_or(""));
}

TEST(Gzip, GivesTheContentBackAndKeepsTheRulesOnEveryLevel) {
  for (const auto& [name, payload] : test::nasty_payloads()) {
    for (const Compression compression : kAll) {
      SCOPED_TRACE(name + ", level " + std::to_string(static_cast<int>(compression)));
      const std::string file = zipped(payload, compression);
      EXPECT_EQ(test::gunzip(file), payload);
      EXPECT_EQ(check_gzip(as_bytes(file), as_bytes(payload)), std::nullopt);
    }
  }
}

// Falling back is for what nobody has thought of, not for every day.
TEST(Gzip, CompressorsThemselvesKeepTheRules) {
  for (const auto& [name, payload] : test::nasty_payloads()) {
    EXPECT_EQ(refused(deflate_with_zopfli(as_bytes(payload)), payload), "") << name;
    for (int level = 0; level <= 9; ++level) {
      EXPECT_EQ(refused(deflate_with_zlib(as_bytes(payload), level), payload), "")
          << name << ", level " << level;
    }
  }
}

TEST(Gzip, EachLevelIsAtMostAsLargeAsTheOneBelow) {
  for (const auto& [name, payload] : test::nasty_payloads()) {
    size_t below = SIZE_MAX;
    for (const Compression compression : kAll) {
      const size_t size = zipped(payload, compression).size();
      EXPECT_LE(size, below) << name << ", level " << static_cast<int>(compression);
      below = size;
    }
  }
}

TEST(Gzip, NoneIsThePayloadAsItIs) {
  const std::string payload = test::random_text(1000);
  const std::string file = zipped(payload, Compression::kNone);
  EXPECT_EQ(file.substr(15, 1000), payload);
  EXPECT_EQ(file.size(), 1023u);
}

TEST(Gzip, ReachesBackAsFarAsADevicesWindowAndNoFurther) {
  for (const Compression compression : kSearching) {
    EXPECT_LT(zipped(repeating_at(16000), compression).size(), 17000u);  // near enough: found
    EXPECT_GT(zipped(repeating_at(16385), compression).size(), 32000u);  // too far: not used
  }
}

TEST(Gzip, ALittlePayloadStillGivesAFileDevicesRead) {
  for (const size_t size : {178u, 180u, 400u, 2000u}) {
    for (const Compression compression : kAll) {
      EXPECT_GT(zipped(std::string(size, 'x'), compression).size(), 200u) << size;
    }
  }
}

TEST(Gzip, APayloadTooShortForAnyDeviceIsRefused) {
  EXPECT_THROW(zipped(std::string(177, 'x')), std::invalid_argument);
  EXPECT_THROW(zipped("", Compression::kBest), std::invalid_argument);
}

TEST(Gzip, TheSameBytesEveryTime) {
  for (const Compression compression : kAll) {
    const std::string payload = test::nasty_payloads().back().second;
    EXPECT_EQ(zipped(payload, compression), zipped(payload, compression));
  }
}

TEST(Gzip, HeaderIsTheOriginalsWithNoNameTimeOrHostInIt) {
  for (const Compression compression : kAll) {
    EXPECT_EQ(zipped(repeating_at(100), compression).substr(0, 10),
              std::string("\x1f\x8b\x08\0\0\0\0\0\x04\x03", 10));
  }
}

}  // namespace
}  // namespace flashstore::image
