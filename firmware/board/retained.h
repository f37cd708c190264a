// What boards on the host keep in a file beside the flash file: all that a reset leaves and flash
// does not hold. A file of zeros, or an empty one: power came.
#pragma once

#include <cstdint>

#include "board/board.h"

namespace flashstore::board {

// The whole file; numbers are little-endian.
struct Retained {
  ResetReason reason;
  uint32_t word;
};
static_assert(sizeof(Retained) == 8);

}  // namespace flashstore::board
