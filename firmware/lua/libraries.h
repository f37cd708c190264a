// What a device adds to Lua's own libraries, and the way to a module of the image. These functions
// may raise Lua errors: call them in protected code.
#pragma once

#include "runtime.h"

// Pushes the function that is module `name` of an image, the first that has it, as a fresh closure,
// and returns 1; without such a module pushes nothing and returns 0.
int push_module(lua_State* L, const char* name);

// Pushes the array of the names of all images' modules, those of the first one first, and returns
// 1; without an image pushes nothing, returns 0.
int push_module_names(lua_State* L);

// Pushes the time, in seconds since 1970, at which the image in `flash` was built; nil if there is
// none.
void push_build_time(lua_State* L, const FlashImage* flash);

// Sets the global table `node`. `board` must outlive the state.
void open_node(lua_State* L, const RuntimeBoard* board);

// debug.getstrings([which]): sorted array of all strings in "RAM" (the default) or in flash ("ROM";
// nil if there are none).
void add_getstrings(lua_State* L);

// Appends to package.loaders, behind Lua's own four, one that finds modules of the images.
void add_flash_loader(lua_State* L);
