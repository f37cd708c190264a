#include "provision/manifest.h"

#include <algorithm>
#include <cctype>

#include "image/firmware_header.h"
#include "partition/format.h"

namespace flashstore::provision {
namespace {

// With a name for each chip, its header could hold.
bool is_frequency(const std::string& name) {
  return image::flash_speed(image::FirmwareHeader{}, name).has_value();
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
  if (manifest.chip != "esp8266") {
    return refused("unknown-chip", "chip '" + manifest.chip + "' is none this plans for",
                   "'esp8266' is the one");
  }
  if (flash.bytes && (*flash.bytes < partition::kMinFlashBytes ||
                      !image::flash_size(image::FirmwareFormat::kEsp8266, *flash.bytes))) {
    return refused("flash-size", "no ESP8266 boots from a flash of that size",
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
  if (manifest.firmware.empty() && !manifest.lfs.is_given() && !manifest.lilotafs.is_given() &&
      manifest.raw.empty()) {
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
