// Where a board hands over to the firmware.
#pragma once

struct lua_State;

namespace flashstore::firmware {

// From reset to the end: mounts what is in flash, opens Lua, runs init.lua, and then serves the
// console, timers and tasks. A board calls it once, when all of board.h works.
[[noreturn]] void start();

// Lua with all its libraries, after boot(): for boards that run something else. Null: not enough
// memory.
lua_State* open_lua();

}  // namespace flashstore::firmware
