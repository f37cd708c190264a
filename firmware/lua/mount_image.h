// From a mapped LFS partition to what Lua runs from.
#pragma once

#include <cstdint>
#include <span>

#include "flash_image.h"
#include "luaflash/boot_check.h"
#include "luaflash/format.h"

namespace flashstore::firmware {

// Of the images that this firmware can run.
#if defined(FLASHSTORE_INT32)
inline constexpr uint32_t kSignature = luaflash::kSignatureInt;
#else
inline constexpr uint32_t kSignature = luaflash::kSignatureFloat;
#endif

// What `flash` says of a partition without an image: `mapped_base` is its address, `flash_base` its
// offset in the chip.
FlashImage empty_partition(uint32_t mapped_base, uint32_t flash_base);

// Looks at the image that `partition` begins with, mapped where `flash` says, as a device does when
// it boots. If it is kOk, Lua can run from it, as long as the mapping lives; otherwise `flash`
// stays as it is.
luaflash::BootVerdict mount_image(std::span<const uint8_t> partition, FlashImage& flash);

// What Lua knows of an image that lies where it was relocated to, and has been checked.
LuaRom image_rom(std::span<const uint8_t> image);

// The strings of the freezer that is mapped at `base`.
LuaRom freezer_strings(uint32_t base);

}  // namespace flashstore::firmware
