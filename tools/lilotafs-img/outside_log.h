// Files in a partition that its log does not lead to. Power cuts leave none; a head that was lost
// in another way does. Nothing keeps whoever writes on from erasing them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "partition.h"
#include "plan.h"

namespace flashstore::lilotafs_img {

struct OutsideLog {
  uint32_t count = 0;      // files and directories
  std::string first = {};  // path of one of them
  uint32_t offset = 0;     // and its record
  bool is_erased = false;  // the mount itself erases one or more
};

// What there is in `before`, which a mount makes `mounted` by these operations. nullopt: nothing.
std::optional<OutsideLog> files_outside_log(std::span<const uint8_t> before,
                                            const Operations& operations, const Partition& mounted);

}  // namespace flashstore::lilotafs_img
