// Firmware images in flash: constants and layouts, nothing else. FORMAT.md beside this file tells
// what they mean, "Firmware images" and "Our firmware"; a test holds the two against each other.
//
// All numbers are little-endian.
#pragma once

#include <cstdint>

namespace flashstore::partition {

// --- what all images have ---
struct ImageHeader {
  uint8_t magic;
  uint8_t segments;
  uint8_t flash_mode;
  uint8_t flash_size_and_speed;
  uint32_t entry;  // address of the first instruction
};
static_assert(sizeof(ImageHeader) == 8);

struct SegmentHeader {
  uint32_t address;
  uint32_t bytes;  // a multiple of 4
};
static_assert(sizeof(SegmentHeader) == 8);

enum ImageHeaderByte : uint32_t {
  kImageSegments = 1,
  kImageFlashMode = 2,
  kImageFlashSizeAndSpeed = 3,
  kImageEntry = 4,
};
inline constexpr uint8_t kImageMagic = 0xE9;
inline constexpr uint32_t kMaxImageSegments = 16;
inline constexpr uint32_t kImageAlignment = 16;
inline constexpr uint8_t kChecksumSeed = 0xEF;

// --- ESP8266, version 2 ---
inline constexpr uint8_t kImageV2Magic = 0xEA;
inline constexpr uint8_t kImageV2Segments = 4;  // not a number of segments

// --- ESP32 ---
inline constexpr uint32_t kEsp32HeaderBytes = 24;
inline constexpr uint32_t kEsp32ChipId = 12;          // two bytes of the header
inline constexpr uint32_t kEsp32DigestAppended = 23;  // a byte of the header
inline constexpr uint32_t kEsp32DigestBytes = 32;

// --- our firmware for ESP8266 ---
inline constexpr uint32_t kMarkOffset = 0x12000;
inline constexpr uint32_t kMarkBytes = 32;
inline constexpr char kFloatMark[] = "flashstore-firmware float";
inline constexpr char kIntMark[] = "flashstore-firmware int";

}  // namespace flashstore::partition
