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

uint32_t header(std::span<const uint8_t> image, luaflash::HeaderWord index) {
  return core::load_word(image, index * luaflash::kWordBytes);
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
  flash.image_bytes = header(partition, luaflash::kHeaderSize);
  flash.rom = image_rom(partition);
  return verdict;
}

LuaRom image_rom(std::span<const uint8_t> image) {
  return {at<GCObject* const>(header(image, luaflash::kHeaderHashVector)),
          header(image, luaflash::kHeaderHashSlots),
          at<Proto>(header(image, luaflash::kHeaderMain)), nullptr};
}

LuaRom freezer_strings(uint32_t base) {
  return {at<GCObject* const>(base + luaflash::kFreezerHeaderWords * luaflash::kWordBytes),
          luaflash::kFreezerStringSlots, nullptr, nullptr};
}

}  // namespace flashstore::firmware
