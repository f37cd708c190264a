#include "lrom.h"

#include <stdlib.h>
#include <string.h>

#define LUA_CORE

#include "lfunc.h"
#include "lgc.h"
#include "llex.h"
#include "lobject.h"
#include "lstate.h"
#include "ltable.h"

lua_State* lua_newstate(lua_Alloc allocate, void* allocate_data) {
  return luaR_newstate(allocate, allocate_data, NULL);
}

TString* luaR_findstring(const LuaRom* rom, const char* bytes, size_t length, unsigned int hash) {
  if (rom == NULL) {
    return NULL;
  }
  GCObject* object = rom->buckets[hash & (rom->slots - 1)];
  for (; object != NULL; object = object->gch.next) {
    TString* string = &object->ts;
    // Two word loads decide nearly always: bytes are slow to get from flash.
    if (string->tsv.hash == hash && string->tsv.len == length &&
        memcmp(bytes, getstr(string), length) == 0) {
      return string;
    }
  }
  return NULL;
}

void luaR_fixstring(TString* string) {
  if (!luaR_inflash(string)) {
    l_setbit(string->tsv.marked, FIXEDBIT);
  }
}

int luaR_reserved(const TString* string) {
  if (!luaR_inflash(string)) {
    return string->tsv.reserved;
  }
  if (string->tsv.len >= TOKEN_LEN) {
    return 0;
  }
  for (int i = 0; i < NUM_RESERVED; i++) {
    if (strcmp(luaX_tokens[i], getstr(string)) == 0) {
      return i + 1;
    }
  }
  return 0;
}

int luaR_getline(const Proto* function, int pc) {
  if (function->lineinfo == NULL) {
    return 0;
  }
  return luaR_packedline((const unsigned char*)function->lineinfo, pc);
}

int luaR_pushmain(lua_State* L) {
  const LuaRom* rom = G(L)->rom;
  if (rom == NULL) {
    return 0;
  }
  lua_lock(L);
  luaC_checkGC(L);
  Closure* closure = luaF_newLclosure(L, 0, hvalue(gt(L)));
  closure->l.p = rom->main;
  setclvalue(L, L->top, closure);
  L->top++;
  lua_unlock(L);
  return 1;
}

static GCObject* const* buckets_of(lua_State* L, int in_flash) {
  return in_flash ? G(L)->rom->buckets : G(L)->strt.hash;
}

static uint32_t slots_of(lua_State* L, int in_flash) {
  return in_flash ? G(L)->rom->slots : (uint32_t)G(L)->strt.size;
}

static int count_strings(GCObject* const* buckets, uint32_t slots) {
  int count = 0;
  for (uint32_t i = 0; i < slots; i++) {
    for (const GCObject* object = buckets[i]; object != NULL; object = object->gch.next) {
      count++;
    }
  }
  return count;
}

// By bytes, whatever the locale.
static int compare_strings(const void* left, const void* right) {
  const TString* a = rawtsvalue((const TValue*)left);
  const TString* b = rawtsvalue((const TValue*)right);
  const size_t common = a->tsv.len < b->tsv.len ? a->tsv.len : b->tsv.len;
  const int order = memcmp(getstr(a), getstr(b), common);
  if (order != 0) {
    return order;
  }
  return a->tsv.len < b->tsv.len ? -1 : a->tsv.len > b->tsv.len;
}

void luaR_pushstrings(lua_State* L, int in_flash) {
  if (in_flash && G(L)->rom == NULL) {
    lua_pushnil(L);
    return;
  }
  // Without garbage the list says what RAM is spent on, and no dead string is brought back to life.
  luaC_fullgc(L);
  const int most = count_strings(buckets_of(L, in_flash), slots_of(L, in_flash));
  Table* table = luaH_new(L, most, 0);
  sethvalue(L, L->top, table);
  L->top++;
  // Making the table may have freed strings, and changed the buckets; from here on nothing does.
  GCObject* const* buckets = buckets_of(L, in_flash);
  const uint32_t slots = slots_of(L, in_flash);
  int count = 0;
  for (uint32_t i = 0; i < slots; i++) {
    for (GCObject* object = buckets[i]; object != NULL; object = object->gch.next) {
      setsvalue(L, &table->array[count], &object->ts);
      count++;
    }
  }
  if (count > 0) {  // else there is no array
    qsort(table->array, (size_t)count, sizeof(TValue), compare_strings);
  }
}
