#include "table.h"

#include "core/nor_flash.h"
#include "host/numbers.h"
#include "host/printable.h"
#include "host/quantities.h"

namespace flashstore::nodeflash {
namespace {

using partition::TableFlaw;
using partition::TableVerdict;

struct Words {
  std::string message;
  std::string hint = {};
};

std::string where(uint32_t address) {
  return host::hex(address);
}

// The next multiple of sectors that is not below; 0 is none.
uint32_t in_sectors(uint32_t bytes) {
  constexpr uint32_t kLast = core::NorFlash::kSectorBytes - 1;
  return bytes > UINT32_MAX - kLast ? 0 : (bytes + kLast) & ~kLast;
}

Words unaligned(const Region& region) {
  const uint32_t address = in_sectors(region.address);
  const uint32_t bytes = in_sectors(region.bytes);
  const bool is_sectors = address == region.address && bytes == region.bytes;
  return {.message = describe(region) +
                     (is_sectors ? " begins at no 64 KiB" : " is no whole sectors of 4 KiB"),
          .hint = is_sectors
                      ? "an app is mapped: it begins at a multiple of 0x10000"
                      : "at " + where(address) + " with " + host::bytes(bytes) + " it would be"};
}

Words overlapping(const Region& one, const Region& other) {
  const Region& low = one.address < other.address ? one : other;
  const Region& high = one.address < other.address ? other : one;
  const uint64_t end = uint64_t{low.address} + low.bytes;
  const std::string shorter =
      ", or " + low.name + " have " + host::bytes(high.address - low.address);
  return {.message = describe(low) + ", and " + describe(high) + ", overlap",
          .hint = high.name + " could begin at " + host::hex(end) +
                  (high.address > low.address ? shorter : "")};
}

}  // namespace

std::string name(TableKind kind) {
  return kind == TableKind::kNodemcu ? "nodemcu" : "esp-idf";
}

Region region_of(const partition::Partition& partition) {
  const std::string known = partition::type_name(partition.type);
  return {known.empty() ? "type-" + std::to_string(partition.type) : known, partition.address,
          partition.bytes};
}

Region region_of(const partition::IdfPartition& partition) {
  return {host::printable(partition.name()), partition.address, partition.bytes};
}

std::vector<Region> regions_of(const AnyTable& table) {
  std::vector<Region> regions;
  if (table.kind == TableKind::kNodemcu) {
    for (const auto& partition : table.nodemcu.partitions()) {
      regions.push_back(region_of(partition));
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

std::string describe(const Region& region) {
  return region.name + " at " + where(region.address) + ", " + host::bytes(region.bytes);
}

Diagnostic explain(const TableVerdict& verdict, std::span<const Region> regions,
                   uint32_t flash_bytes) {
  const Region region = verdict.entry < regions.size() ? regions[verdict.entry] : Region{};
  const Region other = verdict.other < regions.size() ? regions[verdict.other] : Region{};
  Words found;
  switch (verdict.flaw) {
    case TableFlaw::kNone:
      break;
    case TableFlaw::kFlashSize:
      found = {.message = "flash of " + host::bytes(flash_bytes) + " is too small for a firmware",
               .hint = "at least 1 MiB is needed; --flash-size tells what the chip has"};
      break;
    case TableFlaw::kFactory:
      found = {.message = region.name + " at " + where(region.address) +
                          " is no partition: it ends a factory table"};
      break;
    case TableFlaw::kEmpty:
      found = {.message = region.name + " at " + where(region.address) + " has no bytes"};
      break;
    case TableFlaw::kUnaligned:
      found = unaligned(region);
      break;
    case TableFlaw::kPastEnd:
      found = {.message =
                   describe(region) + ", reaches past the end of flash, " + host::hex(flash_bytes),
               .hint = flash_bytes > region.address
                           ? "at most " + host::bytes(flash_bytes - region.address) + " fit there"
                           : "--flash-size tells what the chip has"};
      break;
    case TableFlaw::kOverlap:
      found = overlapping(region, other);
      break;
    case TableFlaw::kOrder:
      found = {.message = describe(region) + ", lies in front of " + describe(other) +
                          ", but behind it in the table"};
      break;
    case TableFlaw::kOverFirmware:
      found = {.message = describe(region) + ", lies over the firmware or the table itself"};
      break;
    case TableFlaw::kOutsideWindow:
      found = {.message = describe(region) + ", is outside the " +
                          host::bytes(partition::kWindowBytes) + " of flash the chip maps",
               .hint = "it has to end at " + where(partition::kWindowBytes) + " or below"};
      break;
    case TableFlaw::kSameName:
      found = {.message = describe(region) + ", has the label of " + describe(other)};
      break;
  }
  return {.id = partition::name(verdict.flaw), .message = found.message, .hint = found.hint};
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
