// The partition table of an ESP8266 as a value: what a page of records holds, what the first boot
// makes of it, and what has to be so for a chip to boot (FORMAT.md, "Table record", "First boot").
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "partition/format.h"

namespace flashstore::partition {

// Bytes of flash.
struct Partition {
  uint32_t type = 0;
  uint32_t address = 0;
  uint32_t bytes = 0;

  bool operator==(const Partition&) const = default;
};

// "lfs", "files", ...; "": no type we know.
const char* type_name(uint32_t type);
std::optional<uint32_t> type_of(std::string_view name);

struct Table {
  std::array<Partition, kMaxEntries> entries;
  uint32_t count = 0;
  // Of a factory table, whose addresses are still to be found: where the firmware ends, mapped.
  std::optional<uint32_t> firmware_end;

  std::span<const Partition> partitions() const { return std::span(entries).first(count); }
  // The first one of this type; nullptr: none.
  const Partition* find(uint32_t type) const;
  // false: there is no room.
  bool add(const Partition& partition);

  // Entries beyond count do not matter.
  bool operator==(const Table& other) const;
};

enum class TableFlaw : uint32_t {
  kNone,
  kFlashSize,      // less than devices boot from
  kFactory,        // addresses are not final: there is an end marker
  kEmpty,          // no bytes
  kUnaligned,      // address or bytes are no multiple of a sector
  kPastEnd,        // of the flash
  kOverlap,        // with `other`
  kOrder,          // lies below `other`, which is in front of it in the table
  kOverFirmware,   // is written to, and lies over what boots, or over the page or its backup
  kOutsideWindow,  // is used mapped, and lies where nothing is mapped
  kSameName,       // as `other`; ESP-IDF's have names
};

// A short name for it, for messages and tests: "unaligned", "overlap", ...
const char* name(TableFlaw flaw);

struct TableVerdict {
  TableFlaw flaw = TableFlaw::kNone;
  uint32_t entry = 0;  // index of the partition at fault
  uint32_t other = 0;  // of kOverlap, kOrder and kSameName

  bool ok() const { return flaw == TableFlaw::kNone; }
};

// Judges a table for a chip of `flash_bytes`: all the original firmware demands, that LFS and
// freezer lie in the window, and that neither these nor files lie over firmware or page.
TableVerdict validate(const Table& table, uint32_t flash_bytes);

// What the first boot gives where so many bytes are wanted.
constexpr uint32_t rounded(uint32_t bytes) {
  return (bytes + kAllocationBytes - 1) & ~(kAllocationBytes - 1);
}

// Does to a factory table what the first boot of the original firmware does, byte for byte; a
// freezer without address goes behind what is in front of it. The window is not looked at: the
// original does not either. A table that is no factory table stays as it is. With a flaw, the one
// at fault is the last of those that were found; the table is not to be used.
TableVerdict allocate(Table& table, uint32_t flash_bytes);

// The table for a chip of at least kMinFlashBytes that has none; of just so many it has no place
// for files.
Table default_table(uint32_t flash_bytes);

// The flash size that byte 3 of a firmware image's header tells; 0: none we know.
uint32_t flash_bytes_of_header(uint8_t byte);

}  // namespace flashstore::partition
