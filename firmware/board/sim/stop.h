// How the process ends when the board stops.
#pragma once

#include <cstdint>
#include <string>

#include "board/board.h"
#include "board/exit_status.h"

namespace flashstore::sim {

// What a reset leaves: why the board starts, and its one retained word. Kept in a file beside that
// of the flash, from one run to the next.
struct Retained {
  board::ResetReason reason = board::ResetReason::kPowerOn;
  uint32_t word = 0;
};

// Takes it out of `file`, which is gone then; what a board starts with after power came if there is
// no such file. From now on stops write it there. An empty path: it is never kept.
Retained& load_retained(const std::string& file);

// Is called by every stop but a fault, before the process ends.
void at_stop(void (*report)());

// Is called by a reset with the power on, at the very end: the process may become another.
void at_reset(void (*start_again)());

// Says why on stderr, if there is something to say.
[[noreturn]] void stop(board::ExitStatus status, const std::string& message = "");

// The power stays on, unless the reason is kPowerOn.
[[noreturn]] void stop_reset(board::ResetReason reason);

// From a signal handler: nothing is flushed or reported.
[[noreturn]] void stop_fault(int status);

}  // namespace flashstore::sim
