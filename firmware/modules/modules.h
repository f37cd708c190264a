// What a device offers to Lua programs beyond Lua's own libraries. All of it runs in protected code
// and may raise Lua errors.
#pragma once

extern "C" {
#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"
}
#include "provide.h"

namespace flashstore::firmware {

// Each sets one global, or adds to it. They serve device().
void open_file(lua_State* L);
void open_freezer(lua_State* L);
void open_net(lua_State* L);
void open_node(lua_State* L);  // adds to what runtime_open() made
void open_tmr(lua_State* L);

// --- for those who write modules ---

// Pushes the metatable of a class of objects, which is its own index. Its methods are provided
// (provide.h), what Lua itself looks for in it is not.
void push_class(lua_State* L, const char* name, const luaL_Reg* methods);

// Set a field of the table on top.
void set_number(lua_State* L, const char* name, lua_Number value);
void set_function(lua_State* L, const char* name, lua_CFunction value);

}  // namespace flashstore::firmware
