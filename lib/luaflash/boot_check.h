// What a device looks at when it boots, before it uses the image in its LFS partition.
#pragma once

#include <cstdint>
#include <span>

namespace flashstore::luaflash {

enum class BootVerdict : uint8_t {
  kOk,
  kBlank,           // erased or cleared: there is no image
  kWrongSignature,  // not an image of this firmware's number type and version, or one half written
  kOutside,  // larger than the partition, or its main function or hash vector lies outside it
  kNoHash,   // its hash vector is none: strings would be looked up outside it
};

// Judges the image that `partition` (the whole LFS partition, mapped at byte address `base`) begins
// with. `signature` is what this firmware runs, kAbsoluteBit clear; an image may have that bit set.
// A partition too short for a header counts as blank.
BootVerdict boot_check(std::span<const uint8_t> partition, uint32_t base, uint32_t signature);

}  // namespace flashstore::luaflash
