// The ways a run of the emulated board ends. All of them write the report first.
#pragma once

#include "board/exit_status.h"

namespace flashstore::lx106 {

[[noreturn]] void finish(board::ExitStatus status);

// Nothing is retained.
[[noreturn]] void lose_power();

}  // namespace flashstore::lx106
