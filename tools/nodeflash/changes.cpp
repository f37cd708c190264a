#include "changes.h"

#include <algorithm>
#include <vector>

#include "core/nor_flash.h"
#include "host/numbers.h"
#include "host/printable.h"
#include "host/quantities.h"
#include "partition/edit.h"
#include "provision/idf_change.h"

namespace flashstore::nodeflash {
namespace {

using partition::IdfPartition;
using partition::kAllTheRest;

constexpr size_t kMaxTableBytes = 1 << 20;
constexpr uint8_t kData = 1;

void add_place(tools::CommandLine& line, const std::string& option, PlaceChange& place,
               const std::string& what) {
  tools::add_size(line, option + "-size", place.bytes, "bytes of " + what + "; 0: none");
  tools::add_size(line, option + "-addr", place.address, "where in the flash " + what + " begins");
}

void add_files(tools::CommandLine& line, PlaceChange& files) {
  const auto take = [&files](const std::string& text) -> std::optional<std::string> {
    files.bytes = text == "max" ? kAllTheRest : host::parse_number(text, true);
    if (!files.bytes) {
      return "'" + text + "' is no size: a number, K or M may follow, or max";
    }
    return std::nullopt;
  };
  line.option("--fs-size", "SIZE", take,
              "bytes of the file system; 0: none, max: up to the end of the flash");
  tools::add_size(line, "--fs-addr", files.address, "where in the flash the file system begins");
}

Diagnostic missing(const std::string& what, const std::string& option) {
  return {.id = "no-partition",
          .message = "the table has no partition for " + what,
          .hint = option + "-size makes one"};
}

std::optional<Diagnostic> check_sectors(const std::string& what, const PlaceChange& place) {
  constexpr uint32_t kSector = core::NorFlash::kSectorBytes;
  const auto off = [](uint32_t value) { return value != kAllTheRest && value % kSector != 0; };
  for (const auto& value : {place.address, place.bytes}) {
    if (value && off(*value)) {
      const uint32_t down = *value - *value % kSector;
      return Diagnostic{
          .id = "unaligned",
          .message = what + ": " + host::hex(*value) + " is no multiple of a sector, 4 KiB",
          .hint =
              host::hex(down) + " and " + host::hex(uint64_t{down} + kSector) + " are the nearest"};
    }
  }
  return std::nullopt;
}

std::optional<Diagnostic> change_nodemcu(uint32_t type, const std::string& what,
                                         const std::string& option, const PlaceChange& place,
                                         uint32_t flash_bytes, partition::Table& table) {
  if (table.find(type) == nullptr && !place.bytes) {
    return missing(what, option);
  }
  if (!partition::change(table, {type, place.address, place.bytes}, flash_bytes)) {
    return Diagnostic{.id = "no-room",
                      .message = "the table has " + std::to_string(partition::kMaxEntries) +
                                 " partitions: there is no room for another"};
  }
  return std::nullopt;
}

std::optional<Diagnostic> change_idf(IdfPartition* found, const IdfPartition& fresh,
                                     const Diagnostic& none, const PlaceChange& place,
                                     uint32_t flash_bytes, std::vector<IdfPartition>& table) {
  switch (provision::change(table, found, fresh, place.address, place.bytes, flash_bytes)) {
    case provision::IdfChange::kDone:
      return std::nullopt;
    case provision::IdfChange::kNoPartition:
      return none;
    case provision::IdfChange::kFlashUnknown:
      break;
  }
  return Diagnostic{.id = "flash-size-unknown",
                    .message = "how much flash there is, nothing tells",
                    .hint = "--flash-size tells what the chip has"};
}

template <class Is>
IdfPartition* find(std::vector<IdfPartition>& table, Is is) {
  const auto found = std::ranges::find_if(table, is);
  return found == table.end() ? nullptr : &*found;
}

std::optional<Diagnostic> change_idf_lfs(const PlaceChange& place, uint32_t flash_bytes,
                                         std::vector<IdfPartition>& table) {
  IdfPartition fresh;
  fresh.type = partition::kIdfLfsType;
  fresh.subtype = partition::kIdfLfsSubtype;
  fresh.set_name("lfs");
  auto* found = find(table, [&](const IdfPartition& partition) {
    return partition.type == fresh.type && partition.subtype == fresh.subtype;
  });
  return change_idf(found, fresh, missing("LFS", "--lfs"), place, flash_bytes, table);
}

std::optional<Diagnostic> change_idf_files(const std::string& label, const PlaceChange& place,
                                           uint32_t flash_bytes, std::vector<IdfPartition>& table) {
  IdfPartition fresh;
  fresh.type = kData;
  fresh.subtype = provision::kUndefinedData;
  if (!fresh.set_name(label)) {
    return Diagnostic{.id = "label",
                      .message = "'" + host::printable(label) + "' is no label",
                      .hint = "labels have 16 bytes at most"};
  }
  auto* found =
      find(table, [&](const IdfPartition& partition) { return partition.name() == label; });
  Diagnostic none = missing("files, of label '" + label + "'", "--fs");
  none.hint += "; --fs-label names another";
  return change_idf(found, fresh, none, place, flash_bytes, table);
}

}  // namespace

void add_changes(tools::CommandLine& line, TableChanges& changes) {
  add_place(line, "--lfs", changes.lfs, "LFS");
  add_files(line, changes.files);
  add_place(line, "--freezer", changes.freezer, "the freezer (ESP8266)");
  line.option("--fs-label", "LABEL", changes.files_label, "of the file system's partition (ESP32)");
  line.option("--from", "JSON", changes.from, "take the table from a JSON document");
}

core::Result<AnyTable, Problem> read_table(const TableChanges& changes) {
  const auto text = host::read_input(changes.from, kMaxTableBytes);
  if (!text) {
    return text.error();
  }
  return table_from_json(text.value(), changes.from);
}

std::optional<Diagnostic> change_table(const TableChanges& changes, uint32_t flash_bytes,
                                       AnyTable& table) {
  struct Wanted {
    uint32_t type;
    const char* what;
    const char* option;
    const PlaceChange& place;
  };
  for (const Wanted& wanted :
       {Wanted{partition::kLfs, "LFS", "--lfs", changes.lfs},
        Wanted{partition::kFreezer, "the freezer", "--freezer", changes.freezer},
        Wanted{partition::kLilotafs, "files", "--fs", changes.files}}) {
    if (!wanted.place.any()) {
      continue;
    }
    std::optional<Diagnostic> problem = check_sectors(wanted.what, wanted.place);
    if (problem) {
      return problem;
    }
    if (table.kind == TableKind::kNodemcu) {
      problem = change_nodemcu(wanted.type, wanted.what, wanted.option, wanted.place, flash_bytes,
                               table.nodemcu);
    } else if (wanted.type == partition::kLfs) {
      problem = change_idf_lfs(wanted.place, flash_bytes, table.idf.partitions);
    } else if (wanted.type == partition::kLilotafs) {
      problem =
          change_idf_files(changes.files_label, wanted.place, flash_bytes, table.idf.partitions);
    } else {
      problem = Diagnostic{.id = "no-freezer", .message = "an ESP32 has no freezer"};
    }
    if (problem) {
      return problem;
    }
  }
  return std::nullopt;
}

}  // namespace flashstore::nodeflash
