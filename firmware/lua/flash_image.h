// The LFS partition as the Lua side knows it: where it lies, and the image in it, if there is one.
#pragma once

#include <stdint.h>

#include "lrom.h"

typedef struct FlashImage {
  uint32_t mapped_base;  // address at which the partition is mapped
  uint32_t flash_base;   // its offset in the flash chip
  uint32_t image_bytes;  // 0: there is no image, and `rom` means nothing
  LuaRom rom;
} FlashImage;
