#include "image/firmware_header.h"

#include <gtest/gtest.h>

#include "core/crc32.h"
#include "support/files.h"
#include "support/firmware_maker.h"

namespace flashstore::image {
namespace {

using test::FirmwareBytes;

constexpr uint32_t kEntry = 0x40100004;

FirmwareHeader read(const FirmwareBytes& bytes) {
  auto header = read_firmware_header(bytes);
  EXPECT_TRUE(header.ok()) << name(header.error().flaw) << "@" << header.error().offset;
  return header ? std::move(header).value() : FirmwareHeader{};
}

void expect_flaw(const FirmwareBytes& bytes, FirmwareFlaw flaw, uint32_t offset) {
  const auto header = read_firmware_header(bytes);
  ASSERT_FALSE(header.ok());
  EXPECT_STREQ(name(header.error().flaw), name(flaw));
  EXPECT_EQ(header.error().offset, offset);
}

FirmwareBytes some_text() {
  return FirmwareBytes(70, 0xA5);
}

// One of each kind.
std::vector<FirmwareBytes> all_kinds() {
  return {test::esp8266_image(test::some_segments()),
          test::esp8266_version2_image(some_text(), test::some_segments()),
          test::esp32_image(test::some_segments()),
          test::esp32_image(test::some_segments(), 9, false)};
}

TEST(FirmwareHeader, TellsAnImageOfAnEsp8266) {
  FirmwareBytes bytes = test::esp8266_image(test::some_segments(), 3, 0x9F);
  const size_t size = bytes.size();
  bytes.resize(size + 1000, 0xFF);
  const FirmwareHeader header = read(bytes);
  EXPECT_EQ(header.format, FirmwareFormat::kEsp8266);
  EXPECT_EQ(header.chip_name(), "esp8266");
  EXPECT_EQ(header.entry, kEntry);
  EXPECT_EQ(flash_mode_name(header.mode), "dout");
  EXPECT_EQ(header.flash_bytes(), 0x1000000u);
  EXPECT_EQ(flash_speed_name(header), "80m");
  EXPECT_EQ(header.bytes, size);
  EXPECT_FALSE(header.has_digest);
  ASSERT_EQ(header.segments.size(), 2u);
  EXPECT_EQ(header.segments[1].address, 0x3FFE8000u);
  EXPECT_EQ(header.segments[1].offset, 8u + 8 + 100 + 8);
  EXPECT_EQ(header.segments[1].bytes, 8u);
}

TEST(FirmwareHeader, TellsAnImageOfVersion2) {
  const FirmwareBytes bytes =
      test::esp8266_version2_image(some_text(), test::some_segments(), 0, 0x31);
  const FirmwareHeader header = read(bytes);
  EXPECT_EQ(header.format, FirmwareFormat::kEsp8266V2);
  EXPECT_EQ(header.chip_name(), "esp8266");
  EXPECT_EQ(flash_mode_name(header.mode), "qio");
  EXPECT_EQ(header.flash_bytes(), 0x200000u);
  EXPECT_EQ(flash_speed_name(header), "26m");
  EXPECT_TRUE(header.has_digest);
  EXPECT_EQ(header.bytes, bytes.size());
  ASSERT_EQ(header.segments.size(), 3u);
  EXPECT_EQ(header.segments[0].address, 0u);
  EXPECT_EQ(header.segments[0].bytes, 80u);
}

TEST(FirmwareHeader, TakesAnImageOfVersion2OfAnOldToolWithoutItsCrc) {
  FirmwareBytes bytes = test::esp8266_version2_image(some_text(), test::some_segments());
  bytes.resize(bytes.size() - 4);
  EXPECT_FALSE(read(bytes).has_digest);
}

TEST(FirmwareHeader, TheCrcOfVersion2IsInvertedWhereItsHighestBitIsSet) {
  int inverted = 0;
  for (uint8_t i = 0; i < 16; ++i) {
    const FirmwareBytes bytes =
        test::esp8266_version2_image(FirmwareBytes(16, i), test::some_segments());
    inverted += core::crc32(std::span(bytes).first(bytes.size() - 4)) >> 31 != 0 ? 1 : 0;
    EXPECT_TRUE(read(bytes).has_digest);
  }
  EXPECT_GT(inverted, 0);
  EXPECT_LT(inverted, 16);
}

TEST(FirmwareHeader, TellsImagesOfAnEsp32AndItsSuccessors) {
  FirmwareBytes bytes = test::esp32_image(test::some_segments(), 0, true, 2, 0x2F);
  const size_t size = bytes.size();
  bytes.resize(size + 100, 0xFF);
  const FirmwareHeader header = read(bytes);
  EXPECT_EQ(header.format, FirmwareFormat::kEsp32);
  EXPECT_EQ(header.chip_name(), "esp32");
  EXPECT_EQ(header.flash_bytes(), 0x400000u);
  EXPECT_EQ(flash_speed_name(header), "80m");
  EXPECT_TRUE(header.has_digest);
  EXPECT_EQ(header.bytes, size);
  EXPECT_EQ(header.segments.size(), 2u);

  const FirmwareHeader s3 = read(test::esp32_image(test::some_segments(), 9, false));
  EXPECT_EQ(s3.chip_name(), "esp32s3");
  EXPECT_FALSE(s3.has_digest);
  EXPECT_EQ(read(test::esp32_image(test::some_segments(), 13)).chip_name(), "esp32c6");
  EXPECT_EQ(read(test::esp32_image(test::some_segments(), 77)).chip_name(), "esp32-chip-77");
}

TEST(FirmwareHeader, RefusesWhatIsNoImage) {
  expect_flaw({}, FirmwareFlaw::kCutOff, 0);
  expect_flaw({0xFF, 0xFF, 0xFF, 0xFF}, FirmwareFlaw::kNoImage, 0);
  expect_flaw({0x1F, 0x8B, 8, 0}, FirmwareFlaw::kNoImage, 0);
  FirmwareBytes bytes = test::esp8266_version2_image(some_text(), test::some_segments());
  bytes[8 + 8 + 80] = 0xE8;
  expect_flaw(bytes, FirmwareFlaw::kNoImage, 8 + 8 + 80);
}

TEST(FirmwareHeader, RefusesEveryImageThatIsCutOff) {
  for (const FirmwareBytes& whole : all_kinds()) {
    for (size_t size = 0; size < whole.size(); ++size) {
      const auto header = read_firmware_header(std::span(whole).first(size));
      const bool is_old_version2 = whole[0] == 0xEA && size == whole.size() - 4;
      EXPECT_EQ(header.ok(), is_old_version2) << size;
    }
    EXPECT_TRUE(read_firmware_header(whole).ok());
  }
}

TEST(FirmwareHeader, RefusesADamagedImage) {
  FirmwareBytes bytes = test::esp8266_image(test::some_segments());
  bytes[40] ^= 1;
  expect_flaw(bytes, FirmwareFlaw::kChecksum, static_cast<uint32_t>(bytes.size() - 1));
  bytes = test::esp32_image(test::some_segments());
  bytes[60] ^= 1;
  expect_flaw(bytes, FirmwareFlaw::kChecksum, static_cast<uint32_t>(bytes.size() - 33));
  // What the checksum does not see, the digests do.
  bytes = test::esp32_image(test::some_segments());
  bytes[4] ^= 1;
  expect_flaw(bytes, FirmwareFlaw::kDigest, static_cast<uint32_t>(bytes.size() - 32));
  bytes = test::esp8266_version2_image(some_text(), test::some_segments());
  bytes[20] ^= 1;
  expect_flaw(bytes, FirmwareFlaw::kDigest, static_cast<uint32_t>(bytes.size() - 4));
}

struct NamedImage {
  const char* file;
  FirmwareFlaw flaw;
  uint32_t offset;
};

TEST(FirmwareHeader, RefusesTheDamagedImagesOnRecord) {
  const auto read_file = [](const std::string& file) {
    const std::string text = test::read_text(FLASHSTORE_TEST_DATA "/firmware/" + file);
    return FirmwareBytes(text.begin(), text.end());
  };
  for (const char* whole : {"esp8266.bin", "esp8266-version-2.bin", "esp32.bin"}) {
    EXPECT_TRUE(read_firmware_header(read_file(whole)).ok()) << whole;
  }
  for (const auto& [file, flaw, offset] :
       {NamedImage{"checksum-wrong.bin", FirmwareFlaw::kChecksum, 95},
        {"crc-wrong.bin", FirmwareFlaw::kDigest, 144},
        {"digest-wrong.bin", FirmwareFlaw::kDigest, 112},
        {"header-changed-without-digest.bin", FirmwareFlaw::kDigest, 112},
        {"no-segments.bin", FirmwareFlaw::kSegments, 1},
        {"seventeen-segments.bin", FirmwareFlaw::kSegments, 1},
        {"segment-past-the-end.bin", FirmwareFlaw::kCutOff, 32},
        {"segment-of-half-a-word.bin", FirmwareFlaw::kLength, 8},
        {"cut-off.bin", FirmwareFlaw::kCutOff, 100},
        {"second-header-missing.bin", FirmwareFlaw::kNoImage, 48}}) {
    SCOPED_TRACE(file);
    expect_flaw(read_file(file), flaw, offset);
  }
}

TEST(FirmwareHeader, RefusesSegmentsThatCannotBe) {
  FirmwareBytes bytes = test::esp8266_image(test::some_segments());
  bytes[1] = 0;
  expect_flaw(bytes, FirmwareFlaw::kSegments, 1);
  bytes[1] = 17;
  expect_flaw(bytes, FirmwareFlaw::kSegments, 1);
  bytes[1] = 2;
  bytes[12] = 98;
  expect_flaw(bytes, FirmwareFlaw::kLength, 8);
  bytes[15] = 0xFF;  // past 32 bits
  bytes[12] = 0xFC;
  bytes[13] = bytes[14] = 0xFF;
  expect_flaw(bytes, FirmwareFlaw::kCutOff, 16);
  bytes = test::esp8266_version2_image(some_text(), test::some_segments());
  bytes[1] = 3;
  expect_flaw(bytes, FirmwareFlaw::kSegments, 1);
}

TEST(FirmwareHeader, TellsADamagedImageOfAnEsp32AsSuch) {
  FirmwareBytes bytes = test::esp32_image(test::some_segments());
  bytes[1] = 0;
  expect_flaw(bytes, FirmwareFlaw::kSegments, 1);
  bytes[1] = 2;
  bytes[28] = 98;
  expect_flaw(bytes, FirmwareFlaw::kLength, 24);
}

TEST(FirmwareHeader, IsChangedWithAllThatDependsOnIt) {
  for (const FirmwareBytes& whole : all_kinds()) {
    FirmwareBytes bytes = whole;
    bytes.resize(bytes.size() + 64, 0xFF);
    FirmwareHeader header = read(bytes);
    const auto size = flash_size(header.format, 0x800000);
    ASSERT_TRUE(size);
    change_firmware_header(bytes, header, {flash_mode("dout"), size, flash_speed(header, "20m")});
    const FirmwareHeader changed = read(bytes);
    for (const FirmwareHeader& found : {header, changed}) {
      EXPECT_EQ(flash_mode_name(found.mode), "dout");
      EXPECT_EQ(found.flash_bytes(), 0x800000u);
      EXPECT_EQ(flash_speed_name(found), "20m");
    }
    EXPECT_EQ(changed.entry, kEntry);
    change_firmware_header(bytes, header, {whole[2], whole[3] >> 4, whole[3] & 0xF});
    bytes.resize(whole.size());
    EXPECT_EQ(bytes, whole);
  }
}

TEST(FirmwareHeader, BothHeadersOfVersion2AreChanged) {
  FirmwareBytes bytes = test::esp8266_version2_image(some_text(), test::some_segments());
  FirmwareHeader header = read(bytes);
  change_firmware_header(bytes, header, {.mode = 1, .size = 9});
  EXPECT_EQ(bytes, test::esp8266_version2_image(some_text(), test::some_segments(), 1, 0x90));
}

TEST(FirmwareHeader, NumbersAndNamesOfFlash) {
  for (uint32_t mib = 1; mib <= 128; mib *= 2) {
    FirmwareHeader header;
    header.format = FirmwareFormat::kEsp32;
    const auto size = flash_size(header.format, mib << 20);
    ASSERT_TRUE(size);
    header.size = *size;
    EXPECT_EQ(header.flash_bytes(), mib << 20);
  }
  EXPECT_EQ(flash_size(FirmwareFormat::kEsp8266, 0x80000), 0);
  EXPECT_EQ(flash_size(FirmwareFormat::kEsp8266, 0x200000), 3);
  EXPECT_EQ(flash_size(FirmwareFormat::kEsp8266, 0x400000), 4);
  EXPECT_EQ(flash_size(FirmwareFormat::kEsp8266, 0x300000), std::nullopt);
  EXPECT_EQ(flash_size(FirmwareFormat::kEsp8266, 0), std::nullopt);
  EXPECT_EQ(flash_mode("fast"), std::nullopt);
  EXPECT_EQ(flash_mode_name(4), "");
  const FirmwareHeader c6 = read(test::esp32_image(test::some_segments(), 13));
  EXPECT_EQ(flash_speed(c6, "40m"), std::nullopt);
  EXPECT_EQ(flash_speed_name(c6), "");
}

}  // namespace
}  // namespace flashstore::image
