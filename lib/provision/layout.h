// Where in the flash what of a manifest goes: size, partition table, firmware.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "image/firmware_header.h"
#include "partition/idf_table.h"
#include "partition/table.h"
#include "provision/inputs.h"
#include "provision/lfs_content.h"
#include "provision/table_words.h"

namespace flashstore::provision {

// What is known of the device before; all of it may be unknown.
struct DeviceState {
  std::vector<uint8_t> page;  // the sector of its partition table; empty: not known
  uint32_t flash_bytes = 0;   // 0: not known
};

// Bytes for a part of the flash, whole sectors.
struct Content {
  std::string name;  // "firmware", "LFS", ...
  std::string file;  // where it comes from
  uint32_t address = 0;
  std::vector<uint8_t> bytes;
  std::string home;    // the part that is for it; empty: raw bytes
  std::string reason;  // of the step that writes it

  uint32_t size() const { return static_cast<uint32_t>(bytes.size()); }
  uint32_t end() const { return address + size(); }
};

// What belongs to something: a partition, or where a chip looks for something itself.
struct Part {
  NamedPart named;
  bool takes_raw = false;
  bool is_encrypted = false;
};

// A part that is given up.
struct Erasure {
  uint32_t address = 0;
  uint32_t bytes = 0;
  std::string reason;
};

struct Layout {
  uint32_t flash_bytes = 0;
  partition::Table table;                          // of an ESP8266, with the first boot done
  std::vector<partition::IdfPartition> idf_table;  // of an ESP32
  std::vector<Part> parts;                         // the same, of either

  std::vector<Content> firmware;      // what of it is written, with the partition table
  std::optional<size_t> gate;         // of these: without its first sector nothing boots
  std::optional<size_t> table_index;  // of these: the partition table
  bool replaces_app = false;          // an image in LFS may not be one for it
  bool has_rival = false;             // behind a shut gate another firmware may boot
  std::vector<Erasure> erasures;

  std::optional<LfsTarget> lfs;               // empty: the table has no place for it
  std::optional<partition::Partition> files;  // likewise
  std::optional<uint32_t> old_lfs;            // where the device has its LFS, if that is known
  std::vector<Diagnostic> notes;
};

core::Result<Layout, Problem> lay_out(const Manifest& manifest, const Inputs& inputs,
                                      const DeviceState& device);

// --- of single chips; what they have in common ---

core::Result<Layout, Problem> lay_out_esp8266(const Manifest& manifest, const Inputs& inputs,
                                              const DeviceState& device);
core::Result<Layout, Problem> lay_out_esp32(const Manifest& manifest, const Inputs& inputs,
                                            const DeviceState& device);

// `told` is what the firmware's header or else the device tells.
core::Result<uint32_t, Problem> find_flash_size(const Manifest& manifest, uint32_t told,
                                                const DeviceState& device);

Problem bad_firmware(const image::FirmwareProblem& problem, const std::string& file);
std::optional<Problem> check_chip(const Manifest& manifest, const image::FirmwareHeader& header,
                                  const std::string& file);

std::span<const uint8_t> as_span(const std::string& text);
std::vector<uint8_t> in_whole_sectors(std::span<const uint8_t> bytes);
bool is_blank(std::span<const uint8_t> bytes);

}  // namespace flashstore::provision
