/* Library functions that come into RAM when a program asks for them first: a chip has no room for
** those that nobody uses. Programs see tables with all of the functions in them, whatever they look
** at. */
#ifndef FLASHSTORE_FIRMWARE_PROVIDE_H
#define FLASHSTORE_FIRMWARE_PROVIDE_H

#ifdef __cplusplus
extern "C" {
#endif

#include "lauxlib.h" /* has no linkage of its own */
#include "lua.h"

/* The table on top, which has no metatable, gets these functions. `functions` stays valid. Tables
 *of
 ** one state at a time can have them. */
void provide_functions(lua_State* L, const luaL_Reg* functions);

/* luaL_register(), with functions for the table `name` that are provided. */
void provide_library(lua_State* L, const char* name, const luaL_Reg* functions);

/* Puts all of them into the value at `index`, if that is such a table; it is one like any other
** from here on. */
void provide_all(lua_State* L, int index);

#ifdef __cplusplus
}
#endif

/* In front of Lua's own libraries: how they register functions, and what could tell a function that
** is provided from one that is there. */
#ifdef FLASHSTORE_PROVIDE
#define luaL_register(L, name, functions) provide_library(L, name, functions)
#define lua_next(L, index) \
  ((lua_isnil(L, -1) ? provide_all(L, index) : (void)0), lua_next(L, index))
#define lua_rawget(L, index) (provide_all(L, index), lua_rawget(L, index))
#define lua_getmetatable(L, index) (provide_all(L, index), lua_getmetatable(L, index))
#define lua_setmetatable(L, index) (provide_all(L, index), lua_setmetatable(L, index))
#endif

#endif
