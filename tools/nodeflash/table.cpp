#include "table.h"

#include "host/printable.h"

namespace flashstore::nodeflash {

using partition::TableVerdict;

std::string name(TableKind kind) {
  return kind == TableKind::kNodemcu ? "nodemcu" : "esp-idf";
}

Region region_of(const partition::IdfPartition& partition) {
  return {host::printable(partition.name()), partition.address, partition.bytes};
}

std::vector<Region> regions_of(const AnyTable& table) {
  std::vector<Region> regions;
  if (table.kind == TableKind::kNodemcu) {
    for (const auto& partition : table.nodemcu.partitions()) {
      regions.push_back(provision::part_of(partition));
    }
  } else {
    for (const auto& partition : table.idf.partitions) {
      regions.push_back(region_of(partition));
    }
  }
  return regions;
}

uint32_t flash_bytes_of(const AnyTable& table) {
  const partition::Partition* last = table.nodemcu.find(partition::kSystemParameter);
  return last == nullptr || table.nodemcu.firmware_end ? 0 : last->address + last->bytes;
}

std::optional<Diagnostic> finish(AnyTable& table, uint32_t flash_bytes, uint32_t table_address) {
  TableVerdict verdict;
  if (table.kind == TableKind::kIdf) {
    verdict = validate(table.idf.partitions, flash_bytes, table_address);
  } else {
    verdict = allocate(table.nodemcu, flash_bytes);
    verdict = verdict.ok() ? validate(table.nodemcu, flash_bytes) : verdict;
  }
  if (verdict.ok()) {
    return std::nullopt;
  }
  return explain(verdict, regions_of(table), flash_bytes);
}

}  // namespace flashstore::nodeflash
