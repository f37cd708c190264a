// What has to be so for an ESP32 to boot from a table.
#include <algorithm>

#include "core/nor_flash.h"
#include "partition/idf_table.h"

namespace flashstore::partition {
namespace {

constexpr uint8_t kApp = 0;
constexpr uint32_t kAppAlignment = 0x10000;
constexpr uint64_t kAnyFlash = uint64_t{1} << 32;

uint64_t end_of(const IdfPartition& partition) {
  return uint64_t{partition.address} + partition.bytes;
}

TableVerdict judge(std::span<const IdfPartition> before, const IdfPartition& entry,
                   uint32_t flash_bytes, uint32_t table_address) {
  const auto index = static_cast<uint32_t>(before.size());
  const uint32_t alignment = entry.type == kApp ? kAppAlignment : core::NorFlash::kSectorBytes;
  if (entry.bytes == 0) {
    return {TableFlaw::kEmpty, index};
  }
  if (entry.address % alignment != 0 || entry.bytes % core::NorFlash::kSectorBytes != 0) {
    return {TableFlaw::kUnaligned, index};
  }
  if (end_of(entry) > (flash_bytes == 0 ? kAnyFlash : flash_bytes)) {
    return {TableFlaw::kPastEnd, index};
  }
  if (entry.address < table_address + core::NorFlash::kSectorBytes) {
    return {TableFlaw::kOverFirmware, index};
  }
  for (uint32_t i = 0; i < index; ++i) {
    if (entry.address < end_of(before[i]) && before[i].address < end_of(entry)) {
      return {TableFlaw::kOverlap, index, i};
    }
    if (entry.name() == before[i].name()) {
      return {TableFlaw::kSameName, index, i};
    }
  }
  return {};
}

}  // namespace

TableVerdict validate(std::span<const IdfPartition> partitions, uint32_t flash_bytes,
                      uint32_t table_address) {
  for (size_t i = 0; i < partitions.size(); ++i) {
    const TableVerdict verdict =
        judge(partitions.first(i), partitions[i], flash_bytes, table_address);
    if (!verdict.ok()) {
      return verdict;
    }
  }
  return {};
}

}  // namespace flashstore::partition
