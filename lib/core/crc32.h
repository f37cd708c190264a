// CRC-32 of RFC 1952, section 8: polynomial 0xEDB88320, reflected.
#pragma once

#include <cstdint>
#include <span>

namespace flashstore::core {

// The CRC of `bytes`, or, given the CRC of what comes before them, of both: 0 is the CRC of
// nothing.
uint32_t crc32(std::span<const uint8_t> bytes, uint32_t before = 0);

}  // namespace flashstore::core
