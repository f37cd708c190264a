// Every byte of a partition has an owner.
#pragma once

#include <cstdint>
#include <vector>

#include "partition.h"

namespace flashstore::lilotafs_img {

enum class Owner : uint8_t {
  kLive,        // records of files and directories that count
  kDead,        // records that do not, wear markers among them
  kWrap,        // a wrap marker and what is behind it
  kPassed,      // in front of the head, in its sector: erased with it
  kFreeBehind,  // free, from the tail on
  kFreeBefore,  // free, below the head once the log goes around the end
};

// Stable, for scripts: "free-behind-tail".
const char* name(Owner owner);

struct Region {
  uint32_t begin = 0;
  uint32_t end = 0;
  Owner owner = Owner::kFreeBehind;
  const LogRecord* record = nullptr;  // of kLive, kDead and kWrap
};

// From 0 to the end, without gaps or overlaps. `partition` must outlive them.
std::vector<Region> regions_of(const Partition& partition);

uint32_t bytes_of(const std::vector<Region>& regions, Owner owner);

}  // namespace flashstore::lilotafs_img
