// Where a board hands over to the firmware.
#pragma once

namespace flashstore::firmware {

// From reset to the end: mounts what is in flash, opens Lua, runs init.lua, and then serves the
// console, timers and tasks. A board calls it once, when all of board.h works.
[[noreturn]] void start();

}  // namespace flashstore::firmware
