// The library `math` of integer firmware: what needs no fractions. Names and meaning are those of
// the float library; huge is the largest number.
#include <stdlib.h>

#include "lauxlib.h"
#include "lualib.h"
#include "provide.h"

static int math_abs(lua_State* L) {
  const lua_Number number = luaL_checknumber(L, 1);
  lua_pushnumber(L, number < 0 ? luai_numunm(number) : number);
  return 1;
}

// Of ceil and floor: there is nothing to round.
static int math_same(lua_State* L) {
  lua_pushnumber(L, luaL_checknumber(L, 1));
  return 1;
}

// Pushes the argument that is above (or below) all others.
static int push_extreme(lua_State* L, int above) {
  const int count = lua_gettop(L);
  lua_Number extreme = luaL_checknumber(L, 1);
  for (int i = 2; i <= count; i++) {
    const lua_Number number = luaL_checknumber(L, i);
    if (above ? number > extreme : number < extreme) {
      extreme = number;
    }
  }
  lua_pushnumber(L, extreme);
  return 1;
}

static int math_max(lua_State* L) {
  return push_extreme(L, 1);
}

static int math_min(lua_State* L) {
  return push_extreme(L, 0);
}

static int math_pow(lua_State* L) {
  lua_pushnumber(L, luai_numpow(luaL_checknumber(L, 1), luaL_checknumber(L, 2)));
  return 1;
}

// Rounded down, a bit at a time.
static int math_sqrt(lua_State* L) {
  const lua_Number number = luaL_checknumber(L, 1);
  luaL_argcheck(L, number >= 0, 1, "negative");
  uint32_t rest = (uint32_t)number;
  uint32_t root = 0;
  for (uint32_t bit = 1u << 30; bit != 0; bit >>= 2) {
    const uint32_t trial = root + bit;
    root >>= 1;
    if (rest >= trial) {
      rest -= trial;
      root += bit;
    }
  }
  lua_pushnumber(L, (lua_Number)root);
  return 1;
}

// random(): 0, as all numbers from 0 to below 1 are. random(u): 1 to u. random(l, u): l to u.
static int math_random(lua_State* L) {
  const uint32_t drawn = (uint32_t)rand();
  if (lua_gettop(L) == 0) {
    lua_pushnumber(L, 0);
    return 1;
  }
  const int both = !lua_isnoneornil(L, 2);
  const lua_Number low = both ? luaL_checknumber(L, 1) : 1;
  const lua_Number high = luaL_checknumber(L, both ? 2 : 1);
  luaL_argcheck(L, low <= high, both ? 2 : 1, "interval is empty");
  const uint32_t span = (uint32_t)high - (uint32_t)low + 1;  // 0: all there are
  lua_pushnumber(L, int32_of((uint32_t)low + (span == 0 ? drawn : drawn % span)));
  return 1;
}

static int math_randomseed(lua_State* L) {
  srand((unsigned)luaL_checknumber(L, 1));
  return 0;
}

static const luaL_Reg kMath[] = {
    {"abs", math_abs},       {"ceil", math_same},
    {"floor", math_same},    {"max", math_max},
    {"min", math_min},       {"pow", math_pow},
    {"random", math_random}, {"randomseed", math_randomseed},
    {"sqrt", math_sqrt},     {NULL, NULL},
};

LUALIB_API int luaopen_math(lua_State* L) {
  provide_library(L, LUA_MATHLIBNAME, kMath);
  lua_pushnumber(L, INT32_MAX);
  lua_setfield(L, -2, "huge");
  return 1;
}
