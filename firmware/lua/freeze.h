// Lua's side of the freezer: functions that move to flash while the program runs.
#pragma once

#include "luaflash/freezer_store.h"

extern "C" {
#include "lua.h"
}

namespace flashstore::firmware {

// Replaces the Lua function on top of the stack by one that does the same, shares its upvalues and
// environment, and is in flash as a whole, with all functions in it. Functions that are not in RAM,
// C functions, and what the store has no room for stay what they are. `refresh` makes the mapping
// of the region show what was written to it.
//
// Needs the memory of a closure, and may raise "not enough memory" before anything has changed.
// Runs a full collection.
void freeze(lua_State* L, luaflash::FreezerStore& store, void (*refresh)());

}  // namespace flashstore::firmware
