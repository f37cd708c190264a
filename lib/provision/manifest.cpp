#include "provision/manifest.h"

#include <algorithm>
#include <cctype>

#include "image/firmware_header.h"
#include "partition/format.h"
#include "provision/chip_kind.h"

namespace flashstore::provision {
namespace {

constexpr uint32_t kMaxFlashBytes = 16 << 20;

// With a name for each chip, its header could hold.
bool is_frequency(const std::string& name) {
  return image::flash_speed(image::FirmwareHeader{}, name).has_value();
}

// What only one of the chips has.
std::optional<Problem> check_keys(const Manifest& manifest, const ChipKind& chip) {
  const Manifest::Partitions& partitions = manifest.partitions;
  const bool is_esp32 = chip.format == image::FirmwareFormat::kEsp32;
  const bool has_esp32s = !manifest.bootloader.empty() || !manifest.partition_table.empty() ||
                          manifest.erases_otadata || !partitions.app.empty() ||
                          partitions.lfs.mapped || !partitions.lfs.label.empty() ||
                          !partitions.lilotafs.label.empty();
  if (!is_esp32 && has_esp32s) {
    return refused("not-for-this-chip",
                   "a boot loader, a partition table as a file, OTA data, labels and the mapped "
                   "address of LFS are an ESP32's");
  }
  if (is_esp32 && partitions.policy == TablePolicy::kDefault) {
    return refused("no-default-table", "an ESP32 has no partition table by default",
                   "its build makes one: \"partition_table\"");
  }
  if (is_esp32 && partitions.policy == TablePolicy::kDevice && !manifest.partition_table.empty()) {
    return refused(
        "two-of-one",
        "there is a partition table, and the device's is to hold: one of them is wanted");
  }
  return std::nullopt;
}

}  // namespace

bool is_mac(std::string_view text) {
  constexpr size_t kBytes = 6;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (i % 3 == 2 ? c != ':' : std::isxdigit(c) == 0) {
      return false;
    }
  }
  return text.size() == kBytes * 3 - 1;
}

std::optional<Problem> check_manifest(const Manifest& manifest) {
  const Manifest::Flash& flash = manifest.flash;
  const ChipKind* chip = find_chip(manifest.chip);
  if (chip == nullptr) {
    return refused("unknown-chip", "chip '" + manifest.chip + "' is none this plans for",
                   "'esp8266' and 'esp32' are");
  }
  if (auto problem = check_keys(manifest, *chip)) {
    return problem;
  }
  if (flash.bytes &&
      (*flash.bytes < partition::kMinFlashBytes || !image::flash_size(chip->format, *flash.bytes) ||
       *flash.bytes > kMaxFlashBytes)) {
    return refused("flash-size", "no " + manifest.chip + " boots from a flash of that size",
                   "1M, 2M, 4M, 8M and 16M are the sizes");
  }
  if (!flash.mode.empty() && !image::flash_mode(flash.mode)) {
    return refused("flash-mode", "'" + flash.mode + "' is no mode of flash",
                   "qio, qout, dio and dout are");
  }
  if (!flash.frequency.empty() && !is_frequency(flash.frequency)) {
    return refused("flash-frequency", "'" + flash.frequency + "' is no frequency of flash",
                   "20m, 26m, 40m and 80m are");
  }
  if (manifest.lfs.is_compiled() && !manifest.lfs.image.empty()) {
    return refused("two-of-one", "LFS has sources and an image: one of them is wanted");
  }
  if (!manifest.lilotafs.directory.empty() && !manifest.lilotafs.image.empty()) {
    return refused("two-of-one", "lilotafs has a directory and an image: one of them is wanted");
  }
  if (manifest.firmware.empty() && manifest.bootloader.empty() &&
      manifest.partition_table.empty() && !manifest.lfs.is_given() &&
      !manifest.lilotafs.is_given() && manifest.raw.empty() && !manifest.erases_otadata) {
    return refused("nothing-to-flash", "there is nothing to flash",
                   "a firmware, LFS, lilotafs or raw files are wanted");
  }
  if (manifest.firmware.empty() && manifest.partitions.policy == TablePolicy::kDefault &&
      !manifest.flash.bytes) {
    return refused("flash-size", "nothing tells how large the flash is", "give its size");
  }
  return std::nullopt;
}

}  // namespace flashstore::provision
