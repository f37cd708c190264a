// Strings that move to flash while Lua runs. A string has one address: once it is in flash, all
// that knew it in RAM knows it there, and it is gone from RAM.
//
// Call luaR_forward for each of them, then luaR_become, and in between nothing that could allocate,
// look up, or collect. Before that a full collection has run, so that there is nothing but what is
// alive (luaR_collect), and no chunk is being compiled (global_State.compiling).
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#include "lua.h"  // has no linkage of its own

union TString;

// The full collection. A collector that the program has stopped stays so.
LUA_API void luaR_collect(lua_State* L);

// `string`, in RAM, becomes the one at the address `twin`: same bytes, same hash, and in one of the
// state's ROMs. Its own hash is gone.
LUAI_FUNC void luaR_forward(union TString* string, uint32_t twin);

// Where a string in RAM was forwarded to, or 0.
LUAI_FUNC uint32_t luaR_twin(const union TString* string);

// Changes all references to forwarded strings, and frees these: but not those that a C function
// under way has among its values, which may still read their bytes.
LUAI_FUNC void luaR_become(lua_State* L);

// Frees those, too. Only when no C function is under way that was when luaR_become was called.
LUA_API void luaR_release(lua_State* L);

#ifdef __cplusplus
}
#endif
