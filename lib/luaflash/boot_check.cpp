#include "luaflash/boot_check.h"

#include <bit>

#include "core/bytes.h"
#include "luaflash/format.h"

namespace flashstore::luaflash {
namespace {

// Whether `words` words at `address` lie within the image of `size` bytes at `base`.
bool inside(uint32_t address, uint64_t words, uint32_t base, uint32_t size) {
  const uint32_t offset = address - base;
  return offset % kWordBytes == 0 && offset < size && words * kWordBytes <= size - offset;
}

}  // namespace

BootVerdict boot_check(std::span<const uint8_t> partition, uint32_t base, uint32_t signature) {
  if (partition.size() < kHeaderWords * kWordBytes) {
    return BootVerdict::kBlank;
  }
  const auto word = [&](HeaderWord index) {
    return core::load_word(partition, index * kWordBytes);
  };
  const uint32_t found = word(kHeaderSignature);
  if (found == 0 || found == 0xFFFFFFFF) {
    return BootVerdict::kBlank;
  }
  if ((found & ~kAbsoluteBit) != signature) {
    return BootVerdict::kWrongSignature;
  }
  const uint32_t size = word(kHeaderSize);
  if (size > partition.size() || size < kHeaderWords * kWordBytes ||
      !inside(word(kHeaderMain), kProtoWords, base, size) ||
      !inside(word(kHeaderHashVector), word(kHeaderHashSlots), base, size)) {
    return BootVerdict::kOutside;
  }
  if (!std::has_single_bit(word(kHeaderHashSlots))) {
    return BootVerdict::kNoHash;
  }
  return BootVerdict::kOk;
}

}  // namespace flashstore::luaflash
