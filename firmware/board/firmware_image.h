// How a firmware lies in flash. Numbers are little-endian.
//
//   0x00000  an ESP8266 image of version 1, which the mask ROM loads into RAM: header, segments
//   (address,
//            size, that many bytes), zeros until the byte before a multiple of kImageAlignment,
//            checksum
//   0x10000  the partition page and its backup (lib/partition), two sectors
//   0x12000  mark and text, executed from mapped flash
#pragma once

#include <cstdint>

namespace flashstore::board {

constexpr uint8_t kImageMagic = 0xE9;

struct ImageHeader {
  uint8_t magic;
  uint8_t segments;
  uint8_t flash_mode;
  uint8_t flash_size_and_speed;  // partition/table.h knows the sizes
  uint32_t entry;                // address of the first instruction
};
static_assert(sizeof(ImageHeader) == 8);

struct SegmentHeader {
  uint32_t address;
  uint32_t bytes;  // a multiple of 4
};
static_assert(sizeof(SegmentHeader) == 8);

constexpr uint32_t kImageAlignment = 16;
// The checksum is this, exclusive or each byte of each segment.
constexpr uint8_t kChecksumSeed = 0xEF;

// What numbers the firmware's Lua has: one of these texts, zeros behind it.
constexpr uint32_t kMarkOffset = 0x12000;
constexpr uint32_t kMarkBytes = 32;
constexpr char kFloatMark[] = "flashstore-firmware float";
constexpr char kIntMark[] = "flashstore-firmware int";

}  // namespace flashstore::board
