// A ROM that comes while Lua runs.
#include "become.h"

#define LUA_CORE

#include "lobject.h"
#include "lstate.h"

static int is_in_a_rom(lua_State* L, const TString* string) {
  return luaR_findstring(G(L)->rom, getstr(string), string->tsv.len, string->tsv.hash) != NULL;
}

static int shares_strings(lua_State* L, const LuaRom* rom) {
  for (uint32_t i = 0; i < rom->slots; i++) {
    for (GCObject* object = rom->buckets[i]; luaR_inflash(object); object = object->gch.next) {
      if (is_in_a_rom(L, &object->ts)) {
        return 1;
      }
    }
  }
  return 0;
}

static void forward_strings(lua_State* L, const LuaRom* rom) {
  const stringtable* table = &G(L)->strt;
  for (int i = 0; i < table->size; i++) {
    for (GCObject* object = table->hash[i]; object != NULL; object = object->gch.next) {
      TString* string = &object->ts;
      const TString* twin = luaR_findstring(rom, getstr(string), string->tsv.len, string->tsv.hash);
      if (twin != NULL) {
        luaR_forward(string, (uint32_t)(uintptr_t)twin);
      }
    }
  }
}

LuaRAttached luaR_attach(lua_State* L, LuaRom* rom) {
  if (G(L)->compiling != 0) {
    return LUAR_COMPILING;
  }
  if (shares_strings(L, rom)) {
    return LUAR_TWICE;
  }
  forward_strings(L, rom);
  luaR_become(L);
  const LuaRom** last = &G(L)->rom;
  while (*last != NULL) {
    last = (const LuaRom**)&(*last)->next;
  }
  *last = rom;
  return LUAR_ATTACHED;
}
