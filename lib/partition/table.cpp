#include "partition/table.h"

#include <algorithm>

#include "core/nor_flash.h"

namespace flashstore::partition {
namespace {

constexpr uint32_t kSectorBytes = core::NorFlash::kSectorBytes;

// Below 2^33: what a damaged table says may add up to more than 32 bits.
uint64_t end_of(const Partition& partition) {
  return uint64_t{partition.address} + partition.bytes;
}

// The flaw of an entry, given that those in front of it are in order.
TableVerdict judge(std::span<const Partition> before, const Partition& entry,
                   uint32_t flash_bytes) {
  const auto index = static_cast<uint32_t>(before.size());
  if (entry.bytes == 0) {
    return {TableFlaw::kEmpty, index};
  }
  if ((entry.address | entry.bytes) % kSectorBytes != 0) {
    return {TableFlaw::kUnaligned, index};
  }
  if (end_of(entry) > flash_bytes) {
    return {TableFlaw::kPastEnd, index};
  }
  for (uint32_t i = 0; i < index; ++i) {
    if (entry.address < end_of(before[i]) && before[i].address < end_of(entry)) {
      return {TableFlaw::kOverlap, index, i};
    }
  }
  if (index > 0 && entry.address < before.back().address) {
    return {TableFlaw::kOrder, index, index - 1};
  }
  return {};
}

// Finds address and size of an entry as the original firmware does. `last` is the end of the one in
// front of it.
void place(Partition& entry, uint32_t last, uint32_t firmware_end, uint32_t flash_bytes) {
  const uint32_t usable = flash_bytes - kSystemParameterBytes;
  switch (entry.type) {
    case kIrom0Text:
      if (entry.bytes == 0) {
        entry.bytes = rounded(firmware_end - kFirmwareBase);
      }
      break;
    case kLfs:
    case kFreezer:
      entry.bytes = rounded(entry.bytes);
      if (entry.address == 0) {
        entry.address = last;
      }
      break;
    case kLilotafs:
      if (entry.bytes == kAllTheRest) {
        if (entry.address == 0) {
          entry.address = last;
        }
        entry.bytes = usable - last;  // also if it has an address of its own
      } else if (entry.bytes > 0 && (entry.address < last || entry.address == 0)) {
        // Of a chip of 1 MiB the difference is a very large number: the original then fails.
        entry.address = entry.bytes <= usable - kFilesAddress ? kFilesAddress : last;
      }
      break;
    case kSystemParameter:
      entry.address = usable;
      entry.bytes = kSystemParameterBytes;
      break;
    default:
      break;
  }
}

}  // namespace

const Partition* Table::find(uint32_t type) const {
  for (const Partition& partition : partitions()) {
    if (partition.type == type) {
      return &partition;
    }
  }
  return nullptr;
}

bool Table::add(const Partition& partition) {
  if (count == kMaxEntries) {
    return false;
  }
  entries[count++] = partition;
  return true;
}

bool Table::operator==(const Table& other) const {
  return firmware_end == other.firmware_end &&
         std::equal(partitions().begin(), partitions().end(), other.partitions().begin(),
                    other.partitions().end());
}

TableVerdict validate(const Table& table, uint32_t flash_bytes) {
  if (flash_bytes < kMinFlashBytes) {
    return {TableFlaw::kFlashSize};
  }
  if (table.firmware_end) {
    return {TableFlaw::kFactory};
  }
  for (uint32_t i = 0; i < table.count; ++i) {
    const Partition& entry = table.entries[i];
    if (const TableVerdict verdict = judge(table.partitions().first(i), entry, flash_bytes);
        !verdict.ok()) {
      return verdict;
    }
    // It would make what is behind it open, if it were the last.
    if (entry.type == kEndMarker) {
      return {TableFlaw::kFactory, i};
    }
    const bool is_mapped = entry.type == kLfs || entry.type == kFreezer;
    if ((is_mapped || entry.type == kLilotafs) && entry.address < kBackupAddress + kPageBytes) {
      return {TableFlaw::kOverFirmware, i};
    }
    if (is_mapped && end_of(entry) > kWindowBytes) {
      return {TableFlaw::kOutsideWindow, i};
    }
  }
  return {};
}

TableVerdict allocate(Table& table, uint32_t flash_bytes) {
  if (flash_bytes < kMinFlashBytes) {
    return {TableFlaw::kFlashSize};
  }
  if (!table.firmware_end) {
    return {};
  }
  const uint32_t entries = table.count;
  uint32_t last = 0;
  table.count = 0;
  for (uint32_t i = 0; i < entries; ++i) {
    Partition entry = table.entries[i];
    place(entry, last, *table.firmware_end, flash_bytes);
    if (entry.bytes == 0) {
      continue;
    }
    const TableVerdict verdict = judge(table.partitions(), entry, flash_bytes);
    table.add(entry);
    if (!verdict.ok()) {
      return verdict;
    }
    last = entry.address + entry.bytes;
  }
  table.firmware_end.reset();
  return {};
}

Table default_table(uint32_t flash_bytes) {
  constexpr uint32_t kLfsAddress = 0xA0000;
  constexpr uint32_t kLfsBytes = 0x40000;
  constexpr uint32_t kFreezerBytes = 0x10000;
  const uint32_t usable = flash_bytes - kSystemParameterBytes;
  Table table;
  table.add({kEagleRom, 0, 0xB000});
  table.add({kRfCalibration, 0xD000, 0x1000});
  table.add({kPhyInit, 0xF000, 0x1000});
  table.add({kIrom0Text, kPageAddress, kLfsAddress - kPageAddress});
  table.add({kLfs, kLfsAddress, kLfsBytes});
  table.add({kFreezer, kLfsAddress + kLfsBytes, kFreezerBytes});
  if (usable > kFilesAddress) {
    table.add({kLilotafs, kFilesAddress, usable - kFilesAddress});
  }
  table.add({kSystemParameter, usable, kSystemParameterBytes});
  return table;
}

uint32_t flash_bytes_of_header(uint8_t byte) {
  // As shifts of 256 KiB, by the number in the upper half.
  constexpr std::array<uint8_t, 10> kShifts = {1, 0, 2, 3, 4, 3, 4, 4, 5, 6};
  const uint32_t number = byte >> 4;
  return number < kShifts.size() ? 0x40000u << kShifts[number] : 0;
}

}  // namespace flashstore::partition
