#include "flash_file.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/bytes.h"
#include "host/numbers.h"

namespace flashstore::nodeflash {
namespace {

using Bytes = std::span<const uint8_t>;
using partition::kIdfAddress;
using partition::kPageAddress;
using partition::kPageBytes;

struct Place {
  TableKind kind;
  uint32_t at;
};

bool begins_idf_table(Bytes file, uint32_t at) {
  return file.size() >= size_t{at} + partition::kIdfEntryBytes &&
         (core::load_word(file, at) & 0xFFFF) == partition::kIdfEntryMagic;
}

// Where the table of a file is, by what chips have where.
std::optional<Place> find_table(Bytes file) {
  for (const uint32_t at : {0u, kIdfAddress}) {
    if (begins_idf_table(file, at)) {
      return Place{TableKind::kIdf, at};
    }
  }
  if (file.size() > kPageAddress) {
    return Place{TableKind::kNodemcu, kPageAddress};
  }
  const bool is_image =
      !file.empty() && (file[0] == partition::kImageMagic || file[0] == partition::kImageV2Magic);
  return !is_image && file.size() <= kPageBytes ? std::optional(Place{TableKind::kNodemcu, 0})
                                                : std::nullopt;
}

Problem refused(const FlashFileOptions& options, const std::string& id, uint32_t at,
                const std::string& message, const std::string& hint) {
  return {
      host::kNo,
      Diagnostic{.id = id, .message = message, .hint = hint, .file = options.path, .offset = at}};
}

std::optional<Problem> read_nodemcu(const FlashFileOptions& options, FlashFile& file) {
  const auto problem = image::read_page(Bytes(file.bytes).subspan(file.table_at), file.nodemcu);
  if (problem.ok()) {
    return std::nullopt;
  }
  const bool is_missing = problem.flaw == partition::PageFlaw::kNoTable;
  return refused(options, is_missing ? "no-table" : "damaged-table", file.table_at + problem.offset,
                 is_missing ? "no partition table: the page of records has none"
                            : std::string("a damaged page of records: ") + name(problem.flaw),
                 "'nodeflash table create' makes one");
}

std::optional<Problem> read_idf(const FlashFileOptions& options, FlashFile& file) {
  std::array<partition::IdfPartition, partition::kIdfMaxBytes / partition::kIdfEntryBytes> room;
  const auto table = partition::read_idf_table(Bytes(file.bytes).subspan(file.table_at), room);
  if (!table) {
    return refused(options, "damaged-table", file.table_at + table.error().offset,
                   std::string("a damaged partition table: ") + name(table.error().flaw), "");
  }
  const auto& partitions = table.value().partitions;
  file.idf = {{partitions.begin(), partitions.end()}, table.value().has_digest};
  return std::nullopt;
}

}  // namespace

std::string name(TableKind kind) {
  return kind == TableKind::kNodemcu ? "nodemcu" : "esp-idf";
}

tools::Option add_flash_file(tools::CommandLine& line, FlashFileOptions& options) {
  tools::add_size(line, "--flash-size", options.flash_bytes,
                  "of the chip; default: as the firmware's header has it");
  tools::add_size(line, "--table-at", options.table_at, "where in the file the table begins");
  return line.argument("FILE", options.path, "a firmware, a dump or a table; '-' is standard input")
      .required();
}

core::Result<FlashFile, Problem> open_flash_file(const FlashFileOptions& options, Job& job) {
  auto content = job.read(options.path, kMaxFileBytes);
  if (!content) {
    return content.error();
  }
  FlashFile file;
  file.bytes.assign(content.value().begin(), content.value().end());
  if (const auto firmware = image::read_firmware(file.bytes)) {
    file.header = firmware.value().header;
    file.flash_bytes = file.header->flash_bytes();
  }
  file.flash_bytes = options.flash_bytes ? options.flash_bytes : file.flash_bytes;
  auto place = find_table(file.bytes);
  if (options.table_at) {
    if (*options.table_at >= file.bytes.size()) {
      return refused(options, "no-table", *options.table_at, "the file ends before that", "");
    }
    place = {
        begins_idf_table(file.bytes, *options.table_at) ? TableKind::kIdf : TableKind::kNodemcu,
        *options.table_at};
  }
  if (!place) {
    return refused(options, "no-table", 0, "no partition table in the file",
                   "a NodeMCU firmware has it at 0x10000, an ESP32's flash at 0x8000; "
                   "--table-at tells of another place");
  }
  file.kind = place->kind;
  file.table_at = place->at;
  const auto problem =
      file.kind == TableKind::kNodemcu ? read_nodemcu(options, file) : read_idf(options, file);
  if (problem) {
    return *problem;
  }
  return file;
}

}  // namespace flashstore::nodeflash
