// The files an ESP32 boots from, as a manifest names them: each by itself, or all merged into one.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "image/firmware_header.h"
#include "provision/chip_kind.h"
#include "provision/inputs.h"

namespace flashstore::provision {

inline constexpr uint32_t kEsp32BootAddress = 0x1000;
inline constexpr uint32_t kEsp32BootBytes = partition::kIdfAddress - kEsp32BootAddress;

// An image and what follows it in its file.
struct Esp32Image {
  std::string file;
  std::span<const uint8_t> bytes;
  image::FirmwareHeader header;
};

// What the manifest does not name is empty. Images lie in the inputs, or in `merged`.
struct Esp32Files {
  std::vector<uint8_t> merged;  // flash, as far as a merged file has it
  std::optional<Esp32Image> boot;
  std::optional<Esp32Image> app;  // of a merged file empty: the table tells where it is
  std::optional<OwnIdfTable> table;
  std::string table_file;
};

// Reasons: bad-firmware, other-chip, secure-boot, no-table, bootloader-too-large, two-of-one.
core::Result<Esp32Files, Problem> read_esp32_files(const Manifest& manifest, const Inputs& inputs);

// The image `bytes` of `file` begin with; `what` names it.
core::Result<Esp32Image, Problem> read_esp32_image(const Manifest& manifest,
                                                   const std::string& file,
                                                   std::span<const uint8_t> bytes,
                                                   const std::string& what);

std::span<const uint8_t> without_blank_end(std::span<const uint8_t> bytes);

}  // namespace flashstore::provision
