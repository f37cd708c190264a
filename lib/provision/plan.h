// What is to be done to the flash of a device, step by step, so that power may go at any point of
// it: a device that starts then runs what it had, what it was to have, or nothing, but never an
// LFS image of another firmware, and never half of anything.
//
// A firmware's first sector is erased first and written last: in between nothing boots. Of an ESP32
// that is the boot loader's, or without one the app's. Likewise the first sector of LFS, without
// which there is no image, and that of lilotafs. If the firmware changes and LFS does not, the
// image in LFS is given up: it may not be one for that firmware.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "provision/layout.h"

namespace flashstore::provision {

enum class StepKind : uint8_t {
  kBackup,  // is kept on this computer, if there is something in it
  kErase,
  kWrite,  // erased where it is not blank, programmed, and verified
};

// "backup", "erase", "write".
std::string_view name(StepKind kind);

struct Step {
  StepKind kind = StepKind::kWrite;
  uint32_t address = 0;  // whole sectors
  uint32_t bytes = 0;
  std::optional<size_t> content;  // of kWrite: index in Plan::contents
  std::string file;               // of kWrite: where it comes from
  std::string sha256;             // of the flash there, once this is done; of kBackup empty
  std::string reason;
  // Steps, counted from 0, that must be done: what they leave is verified to be there.
  std::vector<uint32_t> after;

  bool operator==(const Step&) const = default;
};

enum class RegionPolicy : uint8_t {
  kWritten,
  kErased,
  kKept,  // belongs to something, and stays as it is
  kFree,  // belongs to nothing
};

// "written", "erased", "kept", "free".
std::string_view name(RegionPolicy policy);

// The regions of a plan are the whole flash, without gaps.
struct Region {
  std::string name;
  uint32_t address = 0;
  uint32_t bytes = 0;
  RegionPolicy policy = RegionPolicy::kFree;
};

struct Plan {
  Manifest manifest;
  uint32_t build_time = 0;
  DeviceState device;
  std::vector<InputDigest> inputs;

  uint32_t flash_bytes = 0;
  partition::Table table;                          // of an ESP8266
  std::vector<partition::IdfPartition> idf_table;  // of an ESP32
  bool writes_page = false;                        // the sector of the table
  std::vector<Content> contents;
  std::vector<Step> steps;
  std::vector<Region> regions;
  std::vector<Diagnostic> notes;  // notes and warnings

  // What `step` leaves.
  std::vector<uint8_t> bytes_of(const Step& step) const;
};

// The same of the same: nothing else is looked at. All there is to refuse is refused here, before
// anything is touched.
core::Result<Plan, Problem> make_plan(const Manifest& manifest, const Inputs& inputs,
                                      uint32_t build_time, const DeviceState& device);

}  // namespace flashstore::provision
