#include "libraries.h"

#include <string.h>

#include "lauxlib.h"
#include "lualib.h"

// --- modules of the images ---

// Replaces the name on top by the module and returns 1; without one takes it off, returns 0. Needs
// two free stack slots.
static int find_module(lua_State* L) {
  int number = 0;
  int found = 0;
  for (; (found = luaR_pushmodule(L, &number)) < 0; number++) {
    luaR_pushmain(L, number);
    lua_pushvalue(L, -2);
    lua_call(L, 1, 1);
    if (lua_isfunction(L, -1)) {
      found = 1;
      break;
    }
    lua_pop(L, 1);
  }
  lua_remove(L, -1 - found);  // the name
  return found;
}

int push_module(lua_State* L, const char* name) {
  luaL_checkstack(L, 3, "module");
  lua_pushstring(L, name);
  return find_module(L);
}

int push_module_names(lua_State* L) {
  luaL_checkstack(L, 5, "module names");
  int number = 0;
  for (; luaR_pushmain(L, number); number++) {
    lua_call(L, 0, 2);
    lua_remove(L, -2);  // build time
    if (number > 0) {
      const int names = (int)lua_objlen(L, -1);
      for (int i = 1; i <= names; i++) {
        lua_rawgeti(L, -1, i);
        lua_rawseti(L, -3, (int)lua_objlen(L, -3) + 1);
      }
      lua_pop(L, 1);
    }
  }
  return number > 0;
}

// --- node ---

static const RuntimeBoard* board_of(lua_State* L) {
  return lua_touserdata(L, lua_upvalueindex(1));
}

void push_build_time(lua_State* L, const FlashImage* flash) {
  if (flash->image_bytes != 0 && luaR_pushmain(L, 0)) {
    lua_call(L, 0, 1);
  } else {
    lua_pushnil(L);
  }
}

// node.flashindex(name): the module as a function. For any other name build time of the image in
// LFS, address of the partition, its offset in flash, bytes of the image, array of module names.
// Without an image in LFS nil, address, offset, and, if one is attached, 0 and the names.
static int node_flashindex(lua_State* L) {
  const FlashImage* flash = board_of(L)->flash;
  lua_settop(L, 1);
  if (lua_type(L, 1) == LUA_TSTRING && find_module(L)) {
    return 1;
  }
  push_build_time(L, flash);
  lua_pushnumber(L, flash->mapped_base);
  lua_pushnumber(L, flash->flash_base);
  lua_pushnumber(L, flash->image_bytes);
  return push_module_names(L) ? 5 : (lua_pop(L, 1), 3);
}

// node.heap(): bytes that the program can still have.
static int node_heap(lua_State* L) {
  const RuntimeBoard* board = board_of(L);
  lua_pushnumber(L, (lua_Number)board->heap_left(board->heap));
  return 1;
}

static const luaL_Reg kNode[] = {
    {"flashindex", node_flashindex},
    {"heap", node_heap},
    {NULL, NULL},
};

void open_node(lua_State* L, const RuntimeBoard* board) {
  lua_newtable(L);
  for (const luaL_Reg* entry = kNode; entry->func != NULL; entry++) {
    lua_pushlightuserdata(L, (void*)board);
    lua_pushcclosure(L, entry->func, 1);
    lua_setfield(L, -2, entry->name);
  }
  lua_setglobal(L, "node");
}

// --- additions to Lua's own libraries ---

static int debug_getstrings(lua_State* L) {
  static const char* const kWhich[] = {"RAM", "ROM", NULL};
  const int which = luaL_checkoption(L, 1, kWhich[0], kWhich);
  luaR_pushstrings(L, which == 1);
  return 1;
}

void add_getstrings(lua_State* L) {
  lua_getglobal(L, LUA_DBLIBNAME);
  lua_pushcfunction(L, debug_getstrings);
  lua_setfield(L, -2, "getstrings");
  lua_pop(L, 1);
}

static int load_from_flash(lua_State* L) {
  const char* name = luaL_checkstring(L, 1);
  if (!push_module(L, name)) {
    lua_pushfstring(L, "\n\tno module " LUA_QS " in flash", name);
  }
  return 1;
}

void add_flash_loader(lua_State* L) {
  lua_getglobal(L, LUA_LOADLIBNAME);
  // Where NodeMCU looks for files; the host's environment has no say on a device.
  lua_pushliteral(L, "?.lc;?.lua");
  lua_setfield(L, -2, "path");
  lua_pushliteral(L, "");
  lua_setfield(L, -2, "cpath");
  lua_getfield(L, -1, "loaders");
  lua_pushcfunction(L, load_from_flash);
  lua_rawseti(L, -2, (int)lua_objlen(L, -2) + 1);
  lua_pop(L, 2);
}
