// A file with a partition table in it: a firmware, a dump of a chip, or the table alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/arguments.h"
#include "core/result.h"
#include "image/firmware.h"
#include "job.h"
#include "partition/idf_table.h"

namespace flashstore::nodeflash {

// More than any chip has.
inline constexpr size_t kMaxFileBytes = 256 << 20;

enum class TableKind : uint8_t { kNodemcu, kIdf };

// "nodemcu", "esp-idf".
std::string name(TableKind kind);

struct FlashFileOptions {
  std::string path;  // "-" is standard input
  std::optional<uint32_t> table_at;
  std::optional<uint32_t> flash_bytes;
};

// Returns the file, which is required.
tools::Option add_flash_file(tools::CommandLine& line, FlashFileOptions& options);

struct IdfPartitions {
  std::vector<partition::IdfPartition> partitions;
  bool has_digest = true;
};

struct FlashFile {
  std::vector<uint8_t> bytes;
  TableKind kind = TableKind::kNodemcu;
  uint32_t table_at = 0;                        // in the file
  std::optional<image::FirmwareHeader> header;  // of the firmware in it
  std::optional<uint32_t> flash_bytes;          // of the chip; empty: nothing tells
  // One of the two, by `kind`.
  partition::Table nodemcu;
  IdfPartitions idf;
};

// Reads the file and the table in it.
core::Result<FlashFile, Problem> open_flash_file(const FlashFileOptions& options, Job& job);

}  // namespace flashstore::nodeflash
