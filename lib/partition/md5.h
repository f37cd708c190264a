// MD5 (RFC 1321), which ESP-IDF guards its partition tables with against accidents.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace flashstore::partition {

// At most 2^28 bytes.
std::array<uint8_t, 16> md5(std::span<const uint8_t> bytes);

}  // namespace flashstore::partition
