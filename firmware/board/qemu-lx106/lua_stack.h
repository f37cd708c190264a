/* Goes in front of Lua's sources: when calls are nested deeply enough. What is left then is for the
** error message, its traceback, and C functions that call nothing. */
#ifndef FLASHSTORE_LX106_LUA_STACK_H
#define FLASHSTORE_LX106_LUA_STACK_H

#include "board/qemu-lx106/memory_map.h"

#define LX106_STACK_RESERVE 6144
#define luai_stack_is_low() \
  ((unsigned)__builtin_frame_address(0) < LX106_DRAM + LX106_STACK_RESERVE)

#endif
