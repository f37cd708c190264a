// The firmware that this build makes for the ESP8266's core.
#include <gtest/gtest.h>

#include <tuple>

#include "image/firmware.h"
#include "support/files.h"

namespace flashstore::image {
namespace {

std::vector<uint8_t> read_bytes(const std::string& name) {
  const std::string text = test::read_text(LX106_PARTS "/" + name);
  return {text.begin(), text.end()};
}

TEST(OurFirmwareImage, IsWholeAndTellsItsNumbers) {
  for (const auto& [file, numbers] : {std::tuple{"flashstore-float.bin", Numbers::kFloat},
                                      {"flashstore-int.bin", Numbers::kInt}}) {
    SCOPED_TRACE(file);
    const auto firmware = read_firmware(read_bytes(file));
    ASSERT_TRUE(firmware.ok()) << name(firmware.error().flaw);
    const FirmwareHeader& header = firmware.value().header;
    EXPECT_EQ(header.format, FirmwareFormat::kEsp8266);
    EXPECT_EQ(header.flash_bytes(), 0x400000u);
    EXPECT_EQ(flash_mode_name(header.mode), "dio");
    EXPECT_EQ(flash_speed_name(header), "40m");
    EXPECT_LT(header.bytes, partition::kPageAddress);
    EXPECT_EQ(firmware.value().numbers, numbers);
    ASSERT_TRUE(firmware.value().table);
    EXPECT_TRUE(firmware.value().table->firmware_end);
  }
}

TEST(OurFirmwareImage, TakesAnotherHeaderAndFailsWithAnyByteWrong) {
  std::vector<uint8_t> file = read_bytes("flashstore-float.bin");
  FirmwareHeader header = read_firmware(file).value().header;
  change_firmware_header(file, header, {.size = flash_size(header.format, 0x100000)});
  EXPECT_EQ(read_firmware(file).value().header.flash_bytes(), 0x100000u);
  const FirmwareSegment segment = header.segments.front();
  file[segment.offset + segment.bytes / 2] ^= 0x20;
  EXPECT_EQ(read_firmware(file).error().flaw, FirmwareFlaw::kChecksum);
}

}  // namespace
}  // namespace flashstore::image
