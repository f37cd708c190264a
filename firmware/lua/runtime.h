// The Lua side of a device: a state with the image attached, its libraries, and a way to run a
// program. The board gives memory and flash; everything here is the same on every board.
#pragma once

#include <stddef.h>

#include "flash_image.h"
#ifdef __cplusplus
extern "C" {
#endif

#include "lua.h"  // has no linkage of its own

// What the runtime needs of the board. Must outlive the state.
typedef struct RuntimeBoard {
  lua_Alloc allocate;  // returning null is "not enough memory" in the program
  void* heap;          // first argument of both functions
  size_t (*heap_left)(void* heap);
  const FlashImage* flash;
  const LuaRom* rom;  // what Lua runs from flash: the first ROM, or null
} RuntimeBoard;

typedef enum RuntimeStatus {
  RUNTIME_OK,
  RUNTIME_FAILED,     // the program raised an error: the message is that, with a traceback
  RUNTIME_NO_MODULE,  // the image has no such module: the message lists those it has
} RuntimeStatus;

// Base, coroutine, table, string, math, debug and package libraries, and `node`. Null: not enough
// memory.
lua_State* runtime_open(const RuntimeBoard* board);

void runtime_close(lua_State* L);

// Runs a module of the image with `count` strings as its arguments.
RuntimeStatus runtime_run_module(lua_State* L, const char* module, int count,
                                 const char* const* arguments);

// Compiles and runs Lua source; `chunk_name` as for luaL_loadbuffer.
RuntimeStatus runtime_run_source(lua_State* L, const char* chunk_name, const char* source,
                                 size_t source_bytes, int count, const char* const* arguments);

// lua_pcall with a traceback behind the message: returns 1, or 0 with the message, a string, on the
// stack. In protected code only.
int runtime_call(lua_State* L, int arguments, int results);

// What the last run that was not RUNTIME_OK has to say; valid until the next run.
const char* runtime_message(lua_State* L);

#ifdef __cplusplus
}
#endif
