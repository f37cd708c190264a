#include "core/crc32.h"

#include <array>

namespace flashstore::core {
namespace {

constexpr uint32_t kPolynomial = 0xEDB88320;

// What a nibble does to the CRC: [0] once it is shifted out, [1] once another is behind it. A table
// of all bytes would be twice as fast, and eight times the size: much of a chip's budget for this.
constexpr auto make_tables() {
  std::array<std::array<uint32_t, 16>, 2> tables{};
  for (uint32_t nibble = 0; nibble < 16; ++nibble) {
    uint32_t crc = nibble;
    for (auto& table : tables) {
      for (int bit = 0; bit < 4; ++bit) {
        crc = crc >> 1 ^ (crc & 1 ? kPolynomial : 0);
      }
      table[nibble] = crc;
    }
  }
  return tables;
}

constexpr auto kTables = make_tables();

}  // namespace

uint32_t crc32(std::span<const uint8_t> bytes, uint32_t before) {
  uint32_t crc = ~before;
  for (const uint8_t byte : bytes) {
    const uint32_t low = crc ^ byte;
    crc = crc >> 8 ^ kTables[1][low & 15] ^ kTables[0][low >> 4 & 15];
  }
  return ~crc;
}

}  // namespace flashstore::core
