// Where exceptions go. None of them is expected, so that nothing is saved to come back to.
  .macro vector offset
  .org \offset
  j fault
  .endm

  .section .vectors, "ax"
  .global vectors
  .align 256
vectors:
  vector 0x10  // debug
  vector 0x20  // not maskable interrupt
  vector 0x30  // kernel
  vector 0x50  // user
  vector 0x70  // a second exception
  .org 0x80
  .literal_position
  .align 4
fault:
  movi a1, fault_stack_end
  rsr a2, exccause
  rsr a3, epc1
  rsr a4, excvaddr
  movi a0, 0x20
  wsr a0, ps
  rsync
  movi a0, board_fault
  callx0 a0

  .section .bss.fault_stack, "aw", @nobits
  .align 16
  .space 1024
fault_stack_end:
