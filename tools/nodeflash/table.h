// A partition table of either kind, as verbs show and change it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "host/json_forward.h"
#include "job.h"
#include "partition/idf_table.h"
#include "partition/table.h"
#include "provision/table_words.h"

namespace flashstore::nodeflash {

enum class TableKind : uint8_t { kNodemcu, kIdf };

struct IdfPartitions {
  std::vector<partition::IdfPartition> partitions;
  bool has_digest = true;
};

struct AnyTable {
  TableKind kind = TableKind::kNodemcu;
  // One of the two.
  partition::Table nodemcu;
  IdfPartitions idf;
};

// "nodemcu", "esp-idf".
std::string name(TableKind kind);

using Region = provision::NamedPart;
using provision::describe;
using provision::explain;
Region region_of(const partition::IdfPartition& partition);
std::vector<Region> regions_of(const AnyTable& table);

// The flash that a final NodeMCU table is for, by its system parameters; 0: it does not tell.
uint32_t flash_bytes_of(const AnyTable& table);

// Makes the final table of a factory one, and judges it. Returns what is wrong, if anything is:
// then the table is not to be used. One of ESP-IDF is judged for 0 bytes of flash as for any.
std::optional<Diagnostic> finish(AnyTable& table, uint32_t flash_bytes, uint32_t table_address);

// As schemas/table.schema.json describes it, and back. `file` is for messages.
host::Json to_json(const AnyTable& table);
core::Result<AnyTable, Problem> table_from_json(const std::string& text, const std::string& file);

}  // namespace flashstore::nodeflash
