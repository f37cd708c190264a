#include "provision/layout.h"

#include <algorithm>

#include "core/nor_flash.h"
#include "host/quantities.h"
#include "provision/chip_kind.h"

namespace flashstore::provision {

core::Result<Layout, Problem> lay_out(const Manifest& manifest, const Inputs& inputs,
                                      const DeviceState& device) {
  return manifest.chip == kEsp32.name ? lay_out_esp32(manifest, inputs, device)
                                      : lay_out_esp8266(manifest, inputs, device);
}

core::Result<uint32_t, Problem> find_flash_size(const Manifest& manifest, uint32_t told,
                                                const DeviceState& device) {
  const uint32_t bytes = manifest.flash.bytes.value_or(told);
  if (bytes < partition::kMinFlashBytes) {
    return refused("flash-size", "nothing tells how large the flash is, or it is less than 1 MiB",
                   "give its size", manifest.firmware);
  }
  if (device.flash_bytes != 0 && device.flash_bytes != bytes) {
    return refused("other-flash",
                   "the device has " + host::bytes(device.flash_bytes) +
                       " of flash, the plan is for " + host::bytes(bytes),
                   "", manifest.firmware);
  }
  return bytes;
}

Problem bad_firmware(const image::FirmwareProblem& problem, const std::string& file) {
  Problem bad = refused("bad-firmware",
                        std::string("no firmware a chip boots: ") + name(problem.flaw), "", file);
  bad.diagnostic.offset = problem.offset;
  return bad;
}

std::optional<Problem> check_chip(const Manifest& manifest, const image::FirmwareHeader& header,
                                  const std::string& file) {
  if (header.chip_name() == manifest.chip) {
    return std::nullopt;
  }
  return refused("other-chip",
                 "the firmware is for " + header.chip_name() + ", not for " + manifest.chip, "",
                 file);
}

std::span<const uint8_t> as_span(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::vector<uint8_t> in_whole_sectors(std::span<const uint8_t> bytes) {
  constexpr size_t kSector = core::NorFlash::kSectorBytes;
  std::vector<uint8_t> whole(bytes.begin(), bytes.end());
  whole.resize((bytes.size() + kSector - 1) / kSector * kSector, 0xFF);
  return whole;
}

bool is_blank(std::span<const uint8_t> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0xFF; });
}

}  // namespace flashstore::provision
