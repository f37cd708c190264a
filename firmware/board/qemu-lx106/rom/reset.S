#include "../memory_map.h"

  .section .reset, "ax"
  .global reset
reset:
  j 1f
  .align 4
  .literal_position
1:
  movi a1, LX106_ROM_STACK_END
  movi a0, rom_main
  callx0 a0
