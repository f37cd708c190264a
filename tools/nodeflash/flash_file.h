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
#include "table.h"

namespace flashstore::nodeflash {

// More than any chip has.
inline constexpr size_t kMaxFileBytes = 256 << 20;

struct FlashFileOptions {
  std::string path;  // "-" is standard input
  std::optional<uint32_t> table_at;
  std::optional<uint32_t> flash_bytes;
};

// Returns the file, which is required.
tools::Option add_flash_file(tools::CommandLine& line, FlashFileOptions& options,
                             const std::string& name = "FILE");

struct FlashFile {
  std::vector<uint8_t> bytes;
  std::optional<image::Firmware> firmware;
  uint32_t table_at = 0;     // in the file
  uint32_t flash_bytes = 0;  // of the chip; 0: nothing tells
  AnyTable table;            // as it is in the file

  // Where the table will be in the chip.
  uint32_t table_address() const;
};

// Reads the file and the table in it. Warns of a damaged firmware. `replacement`, if there is one,
// is taken for the table instead, and a page of records may be without or damaged.
core::Result<FlashFile, Problem> open_flash_file(const FlashFileOptions& options, Job& job,
                                                 const std::optional<AnyTable>& replacement = {});

// Puts a table in the place of the file's.
std::optional<Problem> put_table(const AnyTable& table, const FlashFileOptions& options,
                                 FlashFile& file);

// A file of nothing but a table.
core::Result<std::vector<uint8_t>, Problem> table_alone(const AnyTable& table);

}  // namespace flashstore::nodeflash
