/* Lua's number configured as int32, the way integer builds of the firmware have it. Included by
** compiler_lua.c behind luaconf.h. */
#ifndef FLASHSTORE_LUAC_COMPILER_INT32_H
#define FLASHSTORE_LUAC_COMPILER_INT32_H

#include <stdint.h>
#include <stdlib.h>

/* Nothing the compiler works out may be undefined in C: what wraps, wraps unsigned. */
static int32_t int32_of(uint64_t bits) {
  return (int32_t)(uint32_t)bits;
}

/* Set where the result of a folded division does not fit. The compiler then leaves the division to
** the device; line_event, told of its instruction next, warns and clears this. */
static _Thread_local int int32_division_overflowed;

static void int32_note_overflow(int32_t a, int32_t b) {
  int32_division_overflowed |= a == INT32_MIN && b == -1;
}

/* A script may divide by 0; the compiler never folds that. */
static int32_t int32_floor_div(int32_t a, int32_t b) {
  const int64_t quotient = b == 0 ? 0 : (int64_t)a / b;
  const int inexact = b != 0 && (int64_t)a % b != 0;
  return int32_of((uint64_t)(quotient - (inexact && (a < 0) != (b < 0))));
}

static int32_t int32_floor_mod(int32_t a, int32_t b) {
  const int64_t rest = b == 0 ? 0 : (int64_t)a % b;
  return (int32_t)(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest);
}

static int32_t int32_pow(int32_t base, int32_t exponent) {
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

/* A decimal number without fraction or exponent; beyond 64 bits it is -1, as cut from the largest.
 */
static int32_t int32_from_text(const char* text, char** end) {
  return int32_of((uint64_t)strtoll(text, end, 10));
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
#undef lua_str2number
#define lua_str2number(text, end) int32_from_text((text), (end))

#undef luai_numadd
#undef luai_numsub
#undef luai_nummul
#undef luai_numdiv
#undef luai_nummod
#undef luai_numpow
#undef luai_numunm
#undef luai_numisnan
#define luai_numadd(a, b) int32_of((uint64_t)(a) + (uint64_t)(b))
#define luai_numsub(a, b) int32_of((uint64_t)(a) - (uint64_t)(b))
#define luai_nummul(a, b) int32_of((uint64_t)(a) * (uint64_t)(b))
#define luai_numdiv(a, b) int32_floor_div((a), (b))
#define luai_nummod(a, b) int32_floor_mod((a), (b))
#define luai_numpow(a, b) int32_pow((a), (b))
#define luai_numunm(a) int32_of(-(uint64_t)(a))
#define luai_numisnan(number) 0

#undef lua_number2int
#define lua_number2int(i, n) ((i) = (int)(n))
#undef lua_number2integer
#define lua_number2integer(i, n) ((i) = (lua_Integer)(n))

#endif
