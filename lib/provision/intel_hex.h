// Intel HEX: flash content as text, with gaps.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace flashstore::provision {

// The sectors of `flash`, from address 0, that are not blank: for a chip that has been erased.
std::string intel_hex(std::span<const uint8_t> flash);

}  // namespace flashstore::provision
