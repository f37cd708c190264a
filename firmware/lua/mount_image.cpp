#include "mount_image.h"

#include "core/bytes.h"
#include "luaflash/format.h"
#include "luaflash/freezer_format.h"

namespace flashstore::firmware {

using luaflash::BootVerdict;

namespace {

// What lies at an address of the chip.
template <typename T>
T* at(uint32_t address) {
  return reinterpret_cast<T*>(uintptr_t{address});  // NOLINT(performance-no-int-to-ptr)
}

}  // namespace

FlashImage empty_partition(uint32_t mapped_base, uint32_t flash_base) {
  return {mapped_base, flash_base, 0, {nullptr, 0, nullptr, nullptr}};
}

BootVerdict mount_image(std::span<const uint8_t> partition, FlashImage& flash) {
  const BootVerdict verdict = luaflash::boot_check(partition, flash.mapped_base, kSignature);
  if (verdict != BootVerdict::kOk) {
    return verdict;
  }
  const auto word = [&](luaflash::HeaderWord index) {
    return core::load_word(partition, index * luaflash::kWordBytes);
  };
  flash.image_bytes = word(luaflash::kHeaderSize);
  flash.rom.buckets = at<GCObject* const>(word(luaflash::kHeaderHashVector));
  flash.rom.slots = word(luaflash::kHeaderHashSlots);
  flash.rom.main = at<Proto>(word(luaflash::kHeaderMain));
  return verdict;
}

LuaRom freezer_strings(uint32_t base) {
  return {at<GCObject* const>(base + luaflash::kFreezerHeaderWords * luaflash::kWordBytes),
          luaflash::kFreezerStringSlots, nullptr, nullptr};
}

}  // namespace flashstore::firmware
