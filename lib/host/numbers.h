// Numbers on command lines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flashstore::host {

// 0x..., or decimal, digits to the end; with `suffixes` K, M, KiB or MiB (1024 or 1024 * 1024) may
// follow. No signs, no fractions.
std::optional<uint32_t> parse_number(std::string_view text, bool suffixes);

// "0x1f3c".
std::string hex(uint64_t value);

}  // namespace flashstore::host
