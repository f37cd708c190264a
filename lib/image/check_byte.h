// The check byte of a lilotafs record whose bytes are in memory.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace flashstore::image {

// What lilotafs/check.h makes of them, a table's lookup a byte.
uint8_t check_byte(std::string_view path, std::span<const uint8_t> data);

}  // namespace flashstore::image
