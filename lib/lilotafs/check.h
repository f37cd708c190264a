// The check byte of a record. FORMAT.md, "Check byte".
#pragma once

#include <cstdint>
#include <span>

#include "lilotafs/record.h"

namespace flashstore::lilotafs {

// The sum over `bytes` too, continuing `sum`; begin with kCheckInitial.
uint8_t add_to_check(uint8_t sum, std::span<const uint8_t> bytes);

// What is stored for the sum over the name without its NUL, the data and the 4 bytes of the length.
uint8_t stored_check(uint8_t sum, uint32_t length);

enum class CheckResult : uint8_t { kNone, kRight, kWrong };

// Reads all of a record of the chain. A flash that fails is kWrong.
CheckResult check_record(Window& window, const Record& record);

}  // namespace flashstore::lilotafs
