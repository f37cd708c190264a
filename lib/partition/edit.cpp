#include "partition/edit.h"

#include <algorithm>

namespace flashstore::partition {
namespace {

// Where the place for files ends.
uint32_t usable(const Table& table, uint32_t flash_bytes) {
  const Partition* parameters = table.find(kSystemParameter);
  return parameters != nullptr && parameters->address != 0 ? parameters->address : flash_bytes;
}

// How far to the front a partition belongs that has no address yet.
uint32_t rank(uint32_t type) {
  switch (type) {
    case kLfs:
      return 1;
    case kFreezer:
      return 2;
    case kLilotafs:
      return 3;
    case kSystemParameter:
      return 4;
    default:
      return 0;
  }
}

// The number of entries that a new one of this type comes behind.
uint32_t place_of(const Table& table, uint32_t type) {
  uint32_t place = 0;
  for (uint32_t i = 0; i < table.count; ++i) {
    if (rank(table.entries[i].type) < rank(type)) {
      place = i + 1;
    }
  }
  return place;
}

void remove(Table& table, uint32_t index) {
  std::copy(table.entries.begin() + index + 1, table.entries.begin() + table.count,
            table.entries.begin() + index);
  --table.count;
}

bool insert(Table& table, uint32_t index, const Partition& partition) {
  if (!table.add(partition)) {
    return false;
  }
  std::rotate(table.entries.begin() + index, table.entries.begin() + table.count - 1,
              table.entries.begin() + table.count);
  return true;
}

// As the first boot does it. `bytes` of all the rest are not known yet.
uint32_t address_behind(const Table& table, uint32_t index, const Change& change,
                        uint32_t flash_bytes) {
  const uint32_t last =
      index == 0 ? 0 : rounded(table.entries[index - 1].address + table.entries[index - 1].bytes);
  const uint32_t end = usable(table, flash_bytes);
  const bool fits = last <= kFilesAddress && end > kFilesAddress && *change.bytes != kAllTheRest &&
                    *change.bytes <= end - kFilesAddress;
  return change.type == kLilotafs && fits ? kFilesAddress : last;
}

// By address, as a table has to be. There are 21 at most.
void sort(Table& table) {
  for (uint32_t i = 1; i < table.count; ++i) {
    for (uint32_t k = i; k > 0 && table.entries[k].address < table.entries[k - 1].address; --k) {
      std::swap(table.entries[k], table.entries[k - 1]);
    }
  }
}

}  // namespace

bool change(Table& table, const Change& change, uint32_t flash_bytes) {
  const auto partitions = table.partitions();
  auto index = static_cast<uint32_t>(
      std::find_if(partitions.begin(), partitions.end(),
                   [&](const Partition& found) { return found.type == change.type; }) -
      partitions.begin());
  const bool is_there = index < table.count;
  const bool goes = change.bytes == 0u;
  if (goes || (!is_there && !change.bytes)) {
    if (is_there) {
      remove(table, index);
    }
    return true;
  }
  const bool is_final = !table.firmware_end;
  if (!is_there) {
    index = place_of(table, change.type);
    const uint32_t address = is_final ? address_behind(table, index, change, flash_bytes) : 0;
    if (!insert(table, index, {change.type, address, *change.bytes})) {
      return false;
    }
  }
  Partition& partition = table.entries[index];
  partition.address = change.address.value_or(partition.address);
  partition.bytes = change.bytes.value_or(partition.bytes);
  // The first boot counts all the rest from what is in front, whatever the address.
  if (partition.bytes == kAllTheRest && (is_final || partition.address != 0)) {
    partition.bytes =
        (is_final ? usable(table, flash_bytes) : flash_bytes - kSystemParameterBytes) -
        partition.address;
  }
  if (is_final) {
    sort(table);
  }
  return true;
}

}  // namespace flashstore::partition
