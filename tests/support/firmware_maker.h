// Firmware images for tests, put together byte by byte from lib/partition/FORMAT.md, without the
// code they test.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace flashstore::test {

using FirmwareBytes = std::vector<uint8_t>;

struct MadeSegment {
  uint32_t address;
  FirmwareBytes bytes;
};

// Two small ones.
std::vector<MadeSegment> some_segments();

FirmwareBytes esp8266_image(const std::vector<MadeSegment>& segments, uint8_t mode = 2,
                            uint8_t size_and_speed = 0x40);
FirmwareBytes esp8266_version2_image(const FirmwareBytes& text,
                                     const std::vector<MadeSegment>& segments, uint8_t mode = 2,
                                     uint8_t size_and_speed = 0x40);
FirmwareBytes esp32_image(const std::vector<MadeSegment>& segments, uint16_t chip = 0,
                          bool with_digest = true, uint8_t mode = 2, uint8_t size_and_speed = 0x20);

// A NodeMCU firmware as its build makes it: the image at 0, the page of records `words` at 0x10000,
// then code up to `end`, mapped.
FirmwareBytes nodemcu_firmware(const std::vector<uint32_t>& words, uint32_t end,
                               uint8_t size_and_speed = 0x40);

// The table of the original build: LFS and SPIFFS of these sizes, for a firmware that ends there.
std::vector<uint32_t> factory_words(uint32_t lfs_bytes, uint32_t spiffs_bytes, uint32_t end);

}  // namespace flashstore::test
