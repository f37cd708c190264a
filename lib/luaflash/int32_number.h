/* Lua's number as an int32, the way integer builds of the firmware have it (FORMAT.md,
** "Constants"). To be included by C, behind stdint.h and luaconf.h: what the compiler folds is
** what the device would work out.
**
** Nothing is undefined: sums, differences, products and powers wrap; a quotient is rounded
** down, and wraps where it is too large. */
#ifndef FLASHSTORE_LUAFLASH_INT32_NUMBER_H
#define FLASHSTORE_LUAFLASH_INT32_NUMBER_H

static inline int32_t int32_of(uint32_t bits) {
  return (int32_t)bits;
}

/* Divided by 0 it is 0, for those who have not asked before. */
static inline int32_t int32_floor_div(int32_t a, int32_t b) {
  if (b == 0) {
    return 0;
  }
  if (b == -1) {
    return int32_of(-(uint32_t)a);
  }
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static inline int32_t int32_floor_mod(int32_t a, int32_t b) {
  if (b == 0 || b == -1) {
    return 0;
  }
  const int32_t rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

/* 0 for a negative exponent. */
static inline int32_t int32_pow(int32_t base, int32_t exponent) {
  uint32_t result = exponent < 0 ? 0 : 1;
  uint32_t factor = (uint32_t)base;
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1) {
      result *= factor;
    }
    factor *= factor;
  }
  return int32_of(result);
}

#undef LUA_NUMBER_DOUBLE
#undef LUA_NUMBER
#define LUA_NUMBER int32_t
#undef LUAI_UACNUMBER
#define LUAI_UACNUMBER int32_t
#undef LUA_NUMBER_SCAN
#define LUA_NUMBER_SCAN "%d"
#undef LUA_NUMBER_FMT
#define LUA_NUMBER_FMT "%d"

/* A decimal number without fraction or exponent; beyond 64 bits it is -1, as cut from the largest.
** Who uses it includes stdlib.h. */
#undef lua_str2number
#define lua_str2number(text, end) int32_of((uint32_t)strtoll((text), (end), 10))

#undef luai_numadd
#undef luai_numsub
#undef luai_nummul
#undef luai_numdiv
#undef luai_nummod
#undef luai_numpow
#undef luai_numunm
#undef luai_numisnan
#define luai_numadd(a, b) int32_of((uint32_t)(a) + (uint32_t)(b))
#define luai_numsub(a, b) int32_of((uint32_t)(a) - (uint32_t)(b))
#define luai_nummul(a, b) int32_of((uint32_t)(a) * (uint32_t)(b))
#define luai_numdiv(a, b) int32_floor_div((a), (b))
#define luai_nummod(a, b) int32_floor_mod((a), (b))
#define luai_numpow(a, b) int32_pow((a), (b))
#define luai_numunm(a) int32_of(-(uint32_t)(a))
#define luai_numisnan(number) 0

#undef lua_number2int
#define lua_number2int(i, n) ((i) = (int)(n))
#undef lua_number2integer
#define lua_number2integer(i, n) ((i) = (lua_Integer)(n))

#endif
