// Where in the flash what of a manifest goes: size, partition table, firmware.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "partition/table.h"
#include "provision/inputs.h"

namespace flashstore::provision {

// What is known of the device before; all of it may be unknown.
struct DeviceState {
  std::vector<uint8_t> page;  // of records; empty: not known
  uint32_t flash_bytes = 0;   // 0: not known
};

struct Layout {
  uint32_t flash_bytes = 0;
  partition::Table table;  // with the first boot done
  // The one the device has, if it is known and has one.
  std::optional<partition::Table> device_table;
  std::vector<uint8_t> page;  // of records, to be written; empty: stays as it is

  // Empty: stays as it is. Whole sectors, the header changed to the flash.
  std::vector<uint8_t> firmware;
  uint32_t boot_end = 0;    // of its part in front of the page, whole sectors
  bool has_backup = false;  // behind the page is a place for its backup, no code
  std::optional<luac::Flavour> numbers;
  std::vector<Diagnostic> notes;
};

core::Result<Layout, Problem> lay_out(const Manifest& manifest, const Inputs& inputs,
                                      const DeviceState& device);

}  // namespace flashstore::provision
