// What Lua's core asks about objects in flash: strings and functions of mapped ROMs, which are
// ordinary Lua objects that nobody may write to. Lua's own headers include this one.
//
// An object is in flash if its address lies in the chip's flash window. What a ROM holds is trusted
// here: whoever fills a LuaRom has checked it (mount_image.h).
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#include "lua.h"  // has no linkage of its own

union GCObject;
union TString;
struct Proto;

// Where the chip maps its flash; layout_check.cpp holds this against luaflash/format.h.
#define LUAR_WINDOW 0x40200000u
#define LUAR_WINDOW_BYTES 0x100000u

#define luaR_inflash(object) ((uint32_t)(uintptr_t)(object)-LUAR_WINDOW < LUAR_WINDOW_BYTES)

// Strings and functions in flash: a mapped LFS image, the freezer, an image in a file. Lives as
// long as the states that know it.
typedef struct LuaRom {
  // Heads of the chains of strings; string s is in bucket hash & (slots - 1). A chain ends where a
  // link does not lead into flash.
  union GCObject* const* buckets;
  uint32_t slots;             // a power of two
  struct Proto* main;         // given a module's name, returns the module; else build time and
                              // names. Null: there are no modules
  const struct LuaRom* next;  // no string of this one is in it or behind it; may be null
} LuaRom;

// lua_newstate with these ROMs; `rom`, the first, may be null.
LUA_API lua_State* luaR_newstate(lua_Alloc allocate, void* allocate_data, const LuaRom* rom);

// The string of these bytes in one of the ROMs, or null; `hash` is Lua's hash of them.
LUAI_FUNC union TString* luaR_findstring(const LuaRom* rom, const char* bytes, size_t length,
                                         unsigned int hash);

// Keeps a string from the collector for good. In flash it is that anyway.
LUAI_FUNC void luaR_fixstring(union TString* string);

// 1 + the number of the reserved word that `string` is, or 0.
LUAI_FUNC int luaR_reserved(const union TString* string);

// Line of instruction `pc` of a function in flash; 0 if it has no line map.
LUAI_FUNC int luaR_getline(const struct Proto* function, int pc);

// The same out of a line map (luaflash/FORMAT.md, "Line map"); 0 if the map ends before `pc`.
LUA_API int luaR_packedline(const unsigned char* map, int pc);

// The lines of so many instructions out of a line map; 0 where the map ends before them.
LUA_API void luaR_unpacklines(const unsigned char* map, int* lines, int instructions);

// The entry of a line map for the instructions from `*pc` on that are on one line: writes it to
// `run`, room for LUAR_RUNBYTES, and returns its bytes; moves `*pc` behind them. `*line` is that of
// the entry before, 0 for the first, and becomes theirs. The function has lines.
#define LUAR_RUNBYTES 6
LUA_API int luaR_packrun(const struct Proto* function, int* pc, int* line, unsigned char* run);

// Pushes a closure of a main function, the first, 0, or a later one, and returns 1; if there are
// not so many pushes nothing, returns 0. Needs one free stack slot; may raise "not enough memory".
LUA_API int luaR_pushmain(lua_State* L, int number);

// Pushes the module whose name is the string on top and returns 1, as calling the main functions
// from `*number` on would until one returns it, but without going through the names in Lua
// (luaflash/FORMAT.md, "Master function"). Returns 0 if there is none; -1 if main function
// `*number` is another: it has to be called. Needs one free stack slot; may raise "not enough
// memory".
LUA_API int luaR_pushmodule(lua_State* L, int* number);

typedef enum LuaRAttached {
  LUAR_ATTACHED,
  LUAR_COMPILING,  // a chunk is being compiled
  LUAR_TWICE,      // a string of it is in another ROM
} LuaRAttached;

// Puts a ROM behind those of the state: strings of RAM that it has are there from then on
// (become.h). Call luaR_collect first. If it cannot be done, nothing has changed.
LUA_API LuaRAttached luaR_attach(lua_State* L, LuaRom* rom);

// Pushes the sorted array of all strings in RAM (after a full collection), or of all strings of the
// ROMs, nil if there are none. Needs two free stack slots; may raise "not enough memory".
LUA_API void luaR_pushstrings(lua_State* L, int in_flash);

#ifdef __cplusplus
}
#endif
