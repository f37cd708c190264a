// What the check byte of a file says of its bytes.
#pragma once

#include <string_view>

#include "partition.h"

namespace flashstore::lilotafs_img {

// "right", "wrong", or "none": the original writes none.
std::string_view check_of(const Partition& partition, const LogRecord& file);

}  // namespace flashstore::lilotafs_img
