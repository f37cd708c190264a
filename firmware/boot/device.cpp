#include "boot/device.h"

#include <new>

#include "board/board.h"
#include "boot/messages.h"
#include "core/crc32.h"
#include "luaflash/format.h"
#include "mount_image.h"

namespace flashstore::firmware {

using luaflash::BootVerdict;
using partition::Partition;

namespace {

// For all traffic of the file system.
uint8_t file_buffer[512];

// No constructor runs before boot().
alignas(Device) unsigned char device_storage[sizeof(Device)];
Device* the_device = nullptr;

const char* reason_of(BootVerdict verdict) {
  switch (verdict) {
    case BootVerdict::kWrongSignature:
      return "its signature is not that of an image for this firmware, completely written";
    case BootVerdict::kOutside:
      return "its header leads out of the partition";
    case BootVerdict::kNoHash:
      return "it has no table of strings";
    default:
      return "";
  }
}

}  // namespace

Device::Device(const partition::Table* given)
    : heap_(board::heap()), page_(board::flash()), given_(given != nullptr) {
  if (given != nullptr) {
    partitions_ = *given;
  } else {
    read_partitions();
  }
  mount_files();
  if (given == nullptr) {
    continue_reload();
  }
  mount_lfs();
  mount_freezer();
}

Partition Device::partition(partition::PartitionType type) const {
  const Partition* entry = partitions_.find(type);
  return entry == nullptr ? Partition{type} : *entry;
}

board::Network& Device::network() {
  board::Network* outside = board::network();
  return outside != nullptr ? *outside : static_cast<board::Network&>(loopback_);
}

partition::PageProblem Device::set_partitions(const partition::Table& table) {
  return page_.replace_table(table);
}

void Device::read_partitions() {
  const uint32_t flash_bytes = board::flash().size();
  if (const auto problem = page_.recover(); !problem.ok()) {
    say("partition page: recovery failed: ", name(problem.flaw), "\n");
  }
  auto& table = partitions_;
  const auto problem = page_.read_table(table);
  if (!problem.ok()) {
    say("partition table: ", name(problem.flaw), ": using the default\n");
    table = partition::default_table(flash_bytes);
    return;
  }
  const bool is_first_boot = table.firmware_end.has_value();
  auto verdict = partition::TableVerdict{};
  if (is_first_boot) {
    verdict = allocate(table, flash_bytes);
  }
  if (verdict.ok()) {
    verdict = validate(table, flash_bytes);
  }
  if (!verdict.ok()) {
    say("partition table: ", name(verdict.flaw), " in entry ", Decimal(verdict.entry),
        ": using the default\n");
    table = partition::default_table(flash_bytes);
  } else if (is_first_boot) {
    const auto written = set_partitions(table);
    say("partition table: first boot", written.ok() ? "" : ": not written", "\n");
  }
}

void Device::mount_files() {
  const Partition place = partition(partition::kLilotafs);
  if (place.bytes == 0) {
    return;
  }
  region_.emplace(board::flash(), place.address, place.bytes);
  files_.emplace(*region_, file_buffer);
  const auto mounted = files_->mount();
  if (!mounted) {
    say("file system: ", lilotafs::describe(mounted.error()), "\n");
    files_.reset();
  } else if ((mounted.value().cases & lilotafs::MountReport::kFormatted) != 0) {
    say("file system: formatted\n");
  }
}

void Device::mount_lfs() {
  const Partition place = partition(partition::kLfs);
  lfs_ = empty_partition(luaflash::kFlashWindow + place.address, place.address);
  if (place.bytes == 0) {
    return;
  }
  const auto mapped = board::mapped().subspan(place.address, place.bytes);
  const BootVerdict verdict = mount_image(mapped, lfs_);
  if (verdict != BootVerdict::kOk && verdict != BootVerdict::kBlank) {
    say("LFS: no image: ", reason_of(verdict), "\n");
  }
}

// --- freezer ---

uint32_t LfsIdentity::identity() const {
  return lfs_.image_bytes == 0
             ? 0
             : core::crc32(board::mapped().subspan(lfs_.flash_base, lfs_.image_bytes));
}

void Device::mount_freezer() {
  const Partition place = partition(partition::kFreezer);
  if (place.bytes == 0) {
    return;
  }
  if (place.address > luaflash::kFlashWindowBytes ||
      place.bytes > luaflash::kFlashWindowBytes - place.address) {
    say("freezer: not in mapped flash\n");
    return;
  }
  const uint32_t base = luaflash::kFlashWindow + place.address;
  freezer_region_.emplace(board::flash(), place.address, place.bytes);
  freezer_.emplace(*freezer_region_, base, kSignature, lfs_identity_);
  const auto mounted = freezer_->mount();
  refresh_freezer();
  if (mounted == luaflash::FreezerMount::kFailed) {
    say("freezer: the flash failed\n");
    freezer_.reset();
    return;
  }
  if (mounted == luaflash::FreezerMount::kCleared) {
    say("freezer: cleared\n");
  }
  freezer_rom_ = freezer_strings(base);
  lfs_.rom.next = &freezer_rom_;
}

void Device::refresh_freezer() const {
  const Partition place = partition(partition::kFreezer);
  board::invalidate(place.address, place.bytes);
}

const LuaRom* Device::rom() const {
  const LuaRom* freezer = freezer_ ? &freezer_rom_ : nullptr;
  return lfs_.image_bytes != 0 ? &lfs_.rom : freezer;
}

Device& device() {
  return *the_device;
}

Device& boot(const partition::Table* given) {
  the_device = new (device_storage) Device(given);
  return *the_device;
}

}  // namespace flashstore::firmware
