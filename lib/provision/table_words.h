// What there is to say of partitions.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "host/diagnostic.h"
#include "partition/table.h"

namespace flashstore::provision {

// What all partitions have, of either kind of table.
struct NamedPart {
  std::string name;
  uint32_t address = 0;
  uint32_t bytes = 0;
};

// "lfs", "files", ..., "type-77".
NamedPart part_of(const partition::Partition& partition);

// "lfs at 0xa0000, 262,144 B (256.0 KiB)".
std::string describe(const NamedPart& part);

// What `verdict` finds wrong, and the way out; `parts` are those that were judged, of flash of so
// many bytes. Its id is the flaw's name.
host::Diagnostic explain(const partition::TableVerdict& verdict, std::span<const NamedPart> parts,
                         uint32_t flash_bytes);

}  // namespace flashstore::provision
