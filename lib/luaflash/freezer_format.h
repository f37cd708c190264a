// The freezer's region in flash: constants and layouts, nothing else. FORMAT.md, "Freezer", tells
// what they mean; a test holds the two against each other.
#pragma once

#include <cstdint>

#include "luaflash/format.h"

namespace flashstore::luaflash {

// --- header ---
inline constexpr uint32_t kFreezerHeaderWords = 8;
enum FreezerHeaderWord : uint32_t {
  kFreezerMagicWord = 0,  // kFreezerMagic
  kFreezerFlavour = 1,    // the signature of relocatable images for the same firmware
  kFreezerBase = 2,       // address the region is mapped at
  kFreezerBytes = 3,      // of the region
  kFreezerLfs = 4,        // CRC-32 of the image in LFS, 0: none
  kFreezerClear = 5,      // all ones, or the region is cleared by the next boot
};
inline constexpr uint32_t kFreezerMagic = 0x015A5246;

// --- tables: heads of chains, behind the header ---
inline constexpr uint32_t kFreezerStringSlots = 256;
inline constexpr uint32_t kFreezerFunctionSlots = 32;
inline constexpr uint32_t kFreezerEndOfChain = 0xFFFFFFFF;

// --- blocks: a header like a string's (StringWord), and what belongs to it ---
inline constexpr uint32_t kFreezerFirstBlock =
    (kFreezerHeaderWords + kFreezerStringSlots + kFreezerFunctionSlots) * kWordBytes;
inline constexpr uint32_t kFunctionMark =
    0x00004009;  // in kStringTypeMark; not part of kStringMark

}  // namespace flashstore::luaflash
