// Where the ESP8266 has its memory; the emulator has more, all of it RAM. For C++, assembler and
// linker.
#pragma once

#define LX106_DRAM 0x3ffe8000
#define LX106_DRAM_END 0x3fffc000

/* The stack comes first, so that it does not grow over anything else. */
#define LX106_STACK_END 0x3ffef800
/* Here the emulator has memory and the chip has none. */
#define LX106_NO_RAM 0x3ff80000

#define LX106_ROM_STACK_END 0x40000000 /* the mask ROM's own RAM lies between */
#define LX106_ROM 0x40000400
#define LX106_IRAM 0x40100000
#define LX106_IRAM_END 0x40108000
#define LX106_FLASH 0x40200000
#define LX106_FLASH_END 0x40300000

/* Behind the partition page and its backup. */
#define LX106_IROM_TEXT 0x40212000

/* The emulated core starts here; a chip starts in its ROM. */
#define LX106_RESET 0x50000000

/* Not on the chip: heaps that are larger than it has memory for. */
#define LX106_MORE_RAM 0x60000000
#define LX106_MORE_RAM_END 0x61000000
