// Changes of an ESP32's partition table: one partition gets another place, comes, or goes.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "partition/idf_table.h"

namespace flashstore::provision {

inline constexpr uint8_t kUndefinedData = 6;  // subtype of data no type is registered for

enum class IdfChange : uint8_t {
  kDone,
  kNoPartition,   // there is none, and no size for a new one
  kFlashUnknown,  // how much all the rest would be
};

// What comes of it is only to be used if validate() then says so. `found` is the partition in
// `table` that is meant; nullptr: there is none, and with a size `fresh` comes, behind all others.
// `bytes` 0: it goes; kAllTheRest: up to the end of the flash, of `flash_bytes`, 0: unknown.
IdfChange change(std::vector<partition::IdfPartition>& table, partition::IdfPartition* found,
                 const partition::IdfPartition& fresh, std::optional<uint32_t> address,
                 std::optional<uint32_t> bytes, uint32_t flash_bytes);

}  // namespace flashstore::provision
