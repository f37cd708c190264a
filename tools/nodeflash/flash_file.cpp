#include "flash_file.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/bytes.h"
#include "core/nor_flash.h"
#include "host/numbers.h"
#include "host/quantities.h"

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
std::optional<Place> find_table(const FlashFile& file) {
  for (const uint32_t at : {0u, kIdfAddress}) {
    if (begins_idf_table(file.bytes, at)) {
      return Place{TableKind::kIdf, at};
    }
  }
  const bool can_have_page =
      !file.firmware || file.firmware->header.format == image::FirmwareFormat::kEsp8266;
  if (file.bytes.size() > kPageAddress && can_have_page) {
    return Place{TableKind::kNodemcu, kPageAddress};
  }
  const bool is_page = !file.firmware && !file.bytes.empty() && file.bytes.size() <= kPageBytes;
  return is_page ? std::optional(Place{TableKind::kNodemcu, 0}) : std::nullopt;
}

Problem refused(const FlashFileOptions& options, const std::string& id, uint32_t at,
                const std::string& message, const std::string& hint = "") {
  return {
      host::kNo,
      Diagnostic{.id = id, .message = message, .hint = hint, .file = options.path, .offset = at}};
}

// Only a page where the firmware is ours has a backup.
bool has_backup(const FlashFile& file) {
  return file.firmware && file.firmware->numbers && file.table_at == kPageAddress;
}

std::optional<Problem> read_nodemcu(const FlashFileOptions& options, FlashFile& file) {
  const auto page = image::page_of(Bytes(file.bytes), file.table_at, has_backup(file));
  const auto problem = image::read_page(page, file.table.nodemcu);
  if (problem.ok()) {
    return std::nullopt;
  }
  const uint32_t at = file.table_at + problem.offset;
  if (problem.flaw == partition::PageFlaw::kNoTable) {
    return refused(options, "no-table", at, "no partition table in the page of records",
                   "'nodeflash table set --from' puts one there");
  }
  return refused(options, "damaged-table", at,
                 std::string("a damaged page of records: ") + partition::name(problem.flaw),
                 "'nodeflash table set --from' puts a table there");
}

std::optional<Problem> read_idf(const FlashFileOptions& options, FlashFile& file) {
  std::array<partition::IdfPartition, partition::kIdfMaxBytes / partition::kIdfEntryBytes> room;
  const auto table = partition::read_idf_table(Bytes(file.bytes).subspan(file.table_at), room);
  if (!table) {
    return refused(options, "damaged-table", file.table_at + table.error().offset,
                   std::string("a damaged partition table: ") + name(table.error().flaw));
  }
  const auto& partitions = table.value().partitions;
  file.table.idf = {{partitions.begin(), partitions.end()}, table.value().has_digest};
  return std::nullopt;
}

// Takes the firmware in a file, if there is one.
void take_firmware(const FlashFileOptions& options, FlashFile& file, Job& job) {
  auto firmware = image::read_firmware(file.bytes);
  if (firmware) {
    file.firmware = std::move(firmware).value();
    return;
  }
  if (firmware.error().flaw != image::FirmwareFlaw::kNoImage) {
    job.report(Diagnostic{
        .id = "damaged-firmware",
        .severity = host::Severity::kWarning,
        .message = std::string("a damaged firmware image: ") + name(firmware.error().flaw),
        .hint = "no chip boots from it",
        .file = options.path,
        .offset = firmware.error().offset});
  }
}

// As large as a chip is that the dump of one is of.
uint32_t size_of_dump(Bytes file) {
  const bool is_power_of_two = (file.size() & (file.size() - 1)) == 0;
  return is_power_of_two && file.size() >= partition::kMinFlashBytes
             ? static_cast<uint32_t>(file.size())
             : 0;
}

}  // namespace

tools::Option add_flash_file(tools::CommandLine& line, FlashFileOptions& options,
                             const std::string& name) {
  tools::add_size(line, "--flash-size", options.flash_bytes,
                  "of the chip; default: what the firmware's header tells");
  tools::add_size(line, "--table-at", options.table_at, "where in the file the table begins");
  return line
      .argument(name, options.path, "a firmware, a dump or a table alone; '-' is standard input")
      .required();
}

uint32_t FlashFile::table_address() const {
  return table_at != 0 ? table_at : table.kind == TableKind::kIdf ? kIdfAddress : kPageAddress;
}

core::Result<FlashFile, Problem> open_flash_file(const FlashFileOptions& options, Job& job,
                                                 const std::optional<AnyTable>& replacement) {
  auto content = job.read(options.path, kMaxFileBytes);
  if (!content) {
    return content.error();
  }
  FlashFile file;
  file.bytes.assign(content.value().begin(), content.value().end());
  take_firmware(options, file, job);
  file.flash_bytes = options.flash_bytes.value_or(
      file.firmware ? file.firmware->header.flash_bytes() : size_of_dump(file.bytes));
  auto place = find_table(file);
  if (options.table_at) {
    if (*options.table_at >= file.bytes.size()) {
      return refused(options, "no-table", *options.table_at, "the file ends before that");
    }
    place = {
        begins_idf_table(file.bytes, *options.table_at) ? TableKind::kIdf : TableKind::kNodemcu,
        *options.table_at};
  }
  if (!place) {
    return refused(options, "no-table", 0,
                   file.firmware ? "no partition table in the file, a firmware for " +
                                       std::string(name(file.firmware->header.format))
                                 : "no partition table in the file",
                   "a NodeMCU firmware has it at 0x10000, the flash of an ESP32 at 0x8000; "
                   "--table-at tells of another place");
  }
  file.table.kind = place->kind;
  file.table_at = place->at;
  if (replacement && replacement->kind != place->kind) {
    return refused(
        options, "other-kind", place->at,
        "a table of " + name(replacement->kind) + " for a file with one of " + name(place->kind));
  }
  if (replacement) {
    file.table = *replacement;
  } else if (const auto problem = place->kind == TableKind::kNodemcu ? read_nodemcu(options, file)
                                                                     : read_idf(options, file)) {
    return *problem;
  }
  if (file.flash_bytes == 0) {
    file.flash_bytes = flash_bytes_of(file.table);
  }
  if (file.flash_bytes == 0 && place->kind == TableKind::kNodemcu) {
    return refused(options, "flash-size-unknown", 0, "how much flash there is, nothing tells",
                   "--flash-size tells what the chip has");
  }
  return file;
}

std::optional<Problem> put_table(const AnyTable& table, const FlashFileOptions& options,
                                 FlashFile& file) {
  const size_t had = file.bytes.size();
  if (table.kind == TableKind::kNodemcu) {
    file.bytes.resize(std::max<size_t>(had, file.table_at + kPageBytes), 0xFF);
    const auto page = image::page_of(std::span(file.bytes), file.table_at, has_backup(file));
    const auto problem = image::write_page(page, table.nodemcu);
    if (!problem.ok()) {
      return refused(options, "no-room", file.table_at,
                     std::string("the page of records cannot take the table: ") +
                         partition::name(problem.flaw));
    }
    return std::nullopt;
  }
  // A signature, in the rest of the sector.
  const size_t end = size_t{file.table_at} + partition::kIdfMaxBytes;
  const size_t sector_end = size_t{file.table_at} + core::NorFlash::kSectorBytes;
  for (size_t at = end; at < std::min(had, sector_end); ++at) {
    if (file.bytes[at] != 0xFF) {
      return refused(options, "signed-table", static_cast<uint32_t>(at),
                     "the table is signed: another one would not be",
                     "change what it is made of, and sign it again");
    }
  }
  file.bytes.resize(std::max(had, end), 0xFF);
  auto partitions = table.idf.partitions;
  const auto into = std::span(file.bytes).subspan(file.table_at, partition::kIdfMaxBytes);
  if (!partition::write_idf_table(partitions, table.idf.has_digest, into)) {
    return refused(
        options, "no-room", file.table_at,
        host::count(partitions.size(), "partition") + " are more than a table has room for");
  }
  return std::nullopt;
}

core::Result<std::vector<uint8_t>, Problem> table_alone(const AnyTable& table) {
  FlashFile file;
  if (const auto problem = put_table(table, {}, file)) {
    return *problem;
  }
  return std::move(file.bytes);
}

}  // namespace flashstore::nodeflash
