// Where a board hands over to the firmware.
#pragma once

struct lua_State;

namespace flashstore::partition {
struct Table;
}

namespace flashstore::firmware {

class Device;

// From reset to the end: mounts what is in flash, opens Lua, runs init.lua, and then serves the
// console, timers and tasks. A board calls it once, when all of board.h works.
[[noreturn]] void start();

// The steps of it, for boards that run something else: what is in flash (as Device has it), ...
Device& boot(const partition::Table* given = nullptr);
// ... and Lua with all its libraries. Null: not enough memory.
lua_State* open_lua();

}  // namespace flashstore::firmware
