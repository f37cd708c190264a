// Changes of a partition table: one partition gets another place, comes, or goes.
#pragma once

#include <cstdint>
#include <optional>

#include "partition/table.h"

namespace flashstore::partition {

// What is to be different of the first partition of a type.
struct Change {
  uint32_t type = 0;
  std::optional<uint32_t> address = {};
  // 0: it goes. Of files, kAllTheRest: up to the system parameters, or to the end of flash.
  std::optional<uint32_t> bytes = {};
};

// Makes a change to a table, which is only to be used if validate() then says so, for a chip of
// `flash_bytes`. A partition that comes without an address goes where the first boot would put it;
// one that comes needs `bytes`, or nothing is changed. In a factory table what is left open, the
// first boot still finds. false: there is no room for an entry more.
bool change(Table& table, const Change& change, uint32_t flash_bytes);

}  // namespace flashstore::partition
