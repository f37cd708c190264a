// The lilotafs partition of a plan: packed, or a file.
#pragma once

#include <cstdint>
#include <vector>

#include "partition/table.h"
#include "provision/inputs.h"

namespace flashstore::provision {

// The bytes of the whole partition at `place`. An image has its size, and a mount, tried out in
// memory, would change nothing in it.
core::Result<std::vector<uint8_t>, Problem> make_files(const Manifest::Lilotafs& lilotafs,
                                                       const Inputs& inputs,
                                                       const partition::Partition& place);

}  // namespace flashstore::provision
