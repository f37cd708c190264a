#include "provision/chip_kind.h"

#include <algorithm>
#include <array>

#include "image/firmware.h"

namespace flashstore::provision {

const ChipKind* find_chip(std::string_view name) {
  for (const ChipKind* chip : {&kEsp8266, &kEsp32}) {
    if (chip->name == name) {
      return chip;
    }
  }
  return nullptr;
}

bool has_table(const ChipKind& chip, std::span<const uint8_t> sector) {
  if (chip.format == image::FirmwareFormat::kEsp32) {
    const auto table = read_own_table(sector);
    return table.ok() && !table.value().partitions.empty();
  }
  partition::Table table;
  return image::read_page(sector, table).ok();
}

core::Result<OwnIdfTable, partition::IdfProblem> read_own_table(std::span<const uint8_t> bytes) {
  std::array<partition::IdfPartition, partition::kIdfMaxBytes / partition::kIdfEntryBytes> room;
  const auto table = partition::read_idf_table(bytes, room);
  if (!table) {
    return table.error();
  }
  const auto partitions = table.value().partitions;
  return OwnIdfTable{{partitions.begin(), partitions.end()}, table.value().has_digest};
}

}  // namespace flashstore::provision
