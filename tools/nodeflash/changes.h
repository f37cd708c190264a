// What a command line asks to be different of a partition table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/arguments.h"
#include "core/result.h"
#include "job.h"
#include "table.h"

namespace flashstore::nodeflash {

struct PlaceChange {
  std::optional<uint32_t> address;
  std::optional<uint32_t> bytes;  // of files, kAllTheRest: up to the end

  bool any() const { return address || bytes; }
};

struct TableChanges {
  PlaceChange lfs;
  PlaceChange files;
  PlaceChange freezer;                   // NodeMCU only
  std::string files_label = "lilotafs";  // ESP-IDF only
  std::string from;                      // a JSON document with a whole table; empty: none

  bool any() const { return lfs.any() || files.any() || freezer.any() || !from.empty(); }
};

void add_changes(tools::CommandLine& line, TableChanges& changes);

// The table of the document that `changes` name.
core::Result<AnyTable, Problem> read_table(const TableChanges& changes);

// Changes single partitions, for flash of so many bytes. What comes of it is still to be judged.
std::optional<Diagnostic> change_table(const TableChanges& changes, uint32_t flash_bytes,
                                       AnyTable& table);

}  // namespace flashstore::nodeflash
