#include "lrom.h"

#include <stdlib.h>
#include <string.h>

#define LUA_CORE

#include "lfunc.h"
#include "lgc.h"
#include "llex.h"
#include "lobject.h"
#include "lopcodes.h"
#include "lstate.h"
#include "ltable.h"

lua_State* lua_newstate(lua_Alloc allocate, void* allocate_data) {
  return luaR_newstate(allocate, allocate_data, NULL);
}

static TString* find_in(const LuaRom* rom, const char* bytes, size_t length, unsigned int hash) {
  GCObject* object = rom->buckets[hash & (rom->slots - 1)];
  for (; luaR_inflash(object); object = object->gch.next) {
    TString* string = &object->ts;
    // Two word loads decide nearly always: bytes are slow to get from flash.
    if (string->tsv.hash == hash && string->tsv.len == length &&
        memcmp(bytes, getstr(string), length) == 0) {
      return string;
    }
  }
  return NULL;
}

TString* luaR_findstring(const LuaRom* rom, const char* bytes, size_t length, unsigned int hash) {
  TString* found = NULL;
  for (; rom != NULL && found == NULL; rom = rom->next) {
    found = find_in(rom, bytes, length, hash);
  }
  return found;
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

static void push_function(lua_State* L, Proto* function) {
  lua_lock(L);
  luaC_checkGC(L);
  Closure* closure = luaF_newLclosure(L, 0, hvalue(gt(L)));
  closure->l.p = function;
  setclvalue(L, L->top, closure);
  L->top++;
  lua_unlock(L);
}

static Proto* main_of(lua_State* L, int number) {
  for (const LuaRom* rom = G(L)->rom; rom != NULL; rom = rom->next) {
    if (rom->main != NULL && number-- == 0) {
      return rom->main;
    }
  }
  return NULL;
}

int luaR_pushmain(lua_State* L, int number) {
  Proto* main = main_of(L, number);
  if (main == NULL) {
    return 0;
  }
  push_function(L, main);
  return 1;
}

// Whether it has no modules but those a look at its constants finds, as far as its size tells, and
// the instruction behind those for its modules.
static int is_master(const Proto* main) {
  const int modules = main->sizep;
  return modules <= MAXINDEXRK && main->sizek == modules + 1 && main->sizecode == 5 * modules + 5 &&
         main->code[4 * modules] == CREATE_ABx(OP_LOADK, 1, modules);
}

int luaR_pushmodule(lua_State* L, int* number) {
  const TString* name = rawtsvalue(L->top - 1);
  const Proto* main = NULL;
  for (; (main = main_of(L, *number)) != NULL; (*number)++) {
    const int most = main->sizep < MAXINDEXRK ? main->sizep : MAXINDEXRK;
    for (int i = 0; i < most && i < main->sizek && 4 * i + 2 < main->sizecode; i++) {
      if (ttisstring(&main->k[i]) && rawtsvalue(&main->k[i]) == name) {
        const Instruction* question = main->code + 4 * i;
        if (question[0] != CREATE_ABC(OP_EQ, 0, 0, RKASK(i)) ||
            question[2] != CREATE_ABx(OP_CLOSURE, 1, i)) {
          return -1;
        }
        push_function(L, main->p[i]);
        return 1;
      }
    }
    if (!is_master(main)) {
      return -1;
    }
  }
  return 0;
}

// RAM's table of strings as if it were a ROM, or the first ROM.
static const LuaRom* tables(lua_State* L, int in_flash, LuaRom* ram) {
  *ram = (LuaRom){G(L)->strt.hash, (uint32_t)G(L)->strt.size, NULL, NULL};
  return in_flash ? G(L)->rom : ram;
}

// Stores the strings of all tables at `into`, unless that is null, and returns how many there are.
static int list_strings(lua_State* L, const LuaRom* table, TValue* into) {
  (void)L;  // but in assertions
  int count = 0;
  for (; table != NULL; table = table->next) {
    const int in_flash = luaR_inflash(table->buckets);
    for (uint32_t i = 0; i < table->slots; i++) {
      GCObject* object = table->buckets[i];
      for (; in_flash ? luaR_inflash(object) : object != NULL; object = object->gch.next) {
        if (into != NULL) {
          setsvalue(L, &into[count], &object->ts);
        }
        count++;
      }
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
  // Without garbage the list says what RAM is spent on, and no dead string is brought back to life.
  luaC_fullgc(L);
  LuaRom ram;
  const int most = list_strings(L, tables(L, in_flash, &ram), NULL);
  if (in_flash && most == 0) {
    lua_pushnil(L);
    return;
  }
  Table* table = luaH_new(L, most, 0);
  sethvalue(L, L->top, table);
  L->top++;
  // Making the table may have freed strings, and changed the buckets; from here on nothing does.
  const int count = list_strings(L, tables(L, in_flash, &ram), table->array);
  if (count > 0) {  // else there is no array
    qsort(table->array, (size_t)count, sizeof(TValue), compare_strings);
  }
}
