// From the mask ROM into C++: the stack, memory that begins as zeros, and the vectors.
#include "memory_map.h"

  .section .text.entry, "ax"
  .literal_position
  .global firmware_entry
  .align 4
firmware_entry:
  movi a2, vectors
  wsr a2, vecbase
  movi a2, 0x20  // interrupts may come, exceptions go to the user vector
  wsr a2, ps
  rsync
  movi a1, LX106_STACK_END
  movi a2, zeroed_begin
  movi a3, zeroed_end
  movi a4, 0
zero:
  bgeu a2, a3, zero_done
  s32i a4, a2, 0
  addi a2, a2, 4
  j zero
zero_done:
  movi a0, board_start
  callx0 a0
