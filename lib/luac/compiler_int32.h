/* What the compiler for int32 numbers asks of a division it folds. Included by compiler_lua.c
** behind luaconf.h. */
#ifndef FLASHSTORE_LUAC_COMPILER_INT32_H
#define FLASHSTORE_LUAC_COMPILER_INT32_H

#include <stdint.h>
#include <stdlib.h>

#include "luaflash/int32_number.h"

/* Set where the result of a folded division does not fit. The compiler then leaves the division to
** the device; line_event, told of its instruction next, warns and clears this. */
static _Thread_local int int32_division_overflowed;

static void int32_note_overflow(int32_t a, int32_t b) {
  int32_division_overflowed |= a == INT32_MIN && b == -1;
}

#endif
