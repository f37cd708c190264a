#include "provide.h"

#include <string.h>

static const char kClass[] = "provided";

enum { kMost = 16 };

static struct {
  const void* table;
  const luaL_Reg* functions;
} provided[kMost];
static int count = 0;

static const luaL_Reg* find(const void* table, const char* name) {
  for (int i = 0; i < count; i++) {
    if (provided[i].table != table) {
      continue;
    }
    for (const luaL_Reg* entry = provided[i].functions; entry->name != NULL; entry++) {
      if (strcmp(entry->name, name) == 0) {
        return entry;
      }
    }
  }
  return NULL;
}

// __index of these tables.
static int provide(lua_State* L) {
  const int is_name = lua_type(L, 2) == LUA_TSTRING;
  const luaL_Reg* entry = is_name ? find(lua_topointer(L, 1), lua_tostring(L, 2)) : NULL;
  if (entry == NULL) {
    return 0;
  }
  lua_pushcfunction(L, entry->func);
  lua_pushvalue(L, 2);
  lua_pushvalue(L, -2);
  lua_rawset(L, 1);
  return 1;
}

static void push_metatable(lua_State* L) {
  if (luaL_newmetatable(L, kClass)) {
    count = 0;  // it is a new state
    lua_pushcfunction(L, provide);
    lua_setfield(L, -2, "__index");
  }
}

void provide_functions(lua_State* L, const luaL_Reg* functions) {
  push_metatable(L);
  if (count == kMost) {
    luaL_error(L, "too many tables with functions");
  }
  lua_setmetatable(L, -2);
  provided[count].table = lua_topointer(L, -1);
  provided[count].functions = functions;
  count++;
}

void provide_library(lua_State* L, const char* name, const luaL_Reg* functions) {
  static const luaL_Reg kNone = {NULL, NULL};
  if (strcmp(name, "_G") == 0) {
    luaL_register(L, name, functions);
    return;
  }
  luaL_register(L, name, &kNone);
  provide_functions(L, functions);
}

static void forget(const void* table) {
  int left = 0;
  for (int i = 0; i < count; i++) {
    if (provided[i].table != table) {
      provided[left++] = provided[i];
    }
  }
  count = left;
}

void provide_all(lua_State* L, int index) {
  const void* table = lua_topointer(L, index);
  int is_one = 0;
  for (int i = 0; i < count; i++) {
    is_one |= provided[i].table == table;
  }
  if (!is_one) {
    return;
  }
  lua_pushvalue(L, index);
  for (int i = 0; i < count; i++) {
    if (provided[i].table != table) {
      continue;
    }
    for (const luaL_Reg* entry = provided[i].functions; entry->name != NULL; entry++) {
      lua_getfield(L, -1, entry->name);
      lua_pop(L, 1);
    }
  }
  forget(table);
  lua_pushnil(L);
  lua_setmetatable(L, -2);
  lua_pop(L, 1);
}
