#include "provision/idf_change.h"

#include <algorithm>

namespace flashstore::provision {
namespace {

using partition::IdfPartition;

uint32_t end_of(const std::vector<IdfPartition>& table) {
  uint32_t end = 0;
  for (const IdfPartition& partition : table) {
    end = std::max(end, partition.address + partition.bytes);
  }
  return end;
}

}  // namespace

IdfChange change(std::vector<IdfPartition>& table, IdfPartition* found, const IdfPartition& fresh,
                 std::optional<uint32_t> address, std::optional<uint32_t> bytes,
                 uint32_t flash_bytes) {
  if (bytes == 0u) {
    if (found != nullptr) {
      table.erase(table.begin() + (found - table.data()));
    }
    return IdfChange::kDone;
  }
  if (found == nullptr) {
    if (!bytes) {
      return IdfChange::kNoPartition;
    }
    const uint32_t end = end_of(table);
    found = &table.emplace_back(fresh);
    found->address = end;
  }
  found->address = address.value_or(found->address);
  found->bytes = bytes.value_or(found->bytes);
  if (found->bytes == partition::kAllTheRest) {
    if (flash_bytes == 0) {
      return IdfChange::kFlashUnknown;
    }
    found->bytes = flash_bytes - found->address;
  }
  return IdfChange::kDone;
}

}  // namespace flashstore::provision
