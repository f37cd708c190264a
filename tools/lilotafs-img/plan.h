// What a repair does to the flash, to be looked at first and done later.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "host/json_forward.h"
#include "job.h"
#include "norsim/operation.h"

namespace flashstore::lilotafs_img {

using Operations = std::vector<norsim::OperationLog::Entry>;

// The operations that make `before` to `after`, of the same size: what differs is erased, a sector
// at a time, and programmed.
Operations rewrite(std::span<const uint8_t> before, std::span<const uint8_t> after);

// `before` after `operations`. Throws norsim::Violation if a flash could not do them.
std::vector<uint8_t> replay(std::span<const uint8_t> before, const Operations& operations);

// A document of the operations on the partition `before`: fsck-plan.schema.json.
host::Json to_plan(std::span<const uint8_t> before, const Operations& operations);

// `partition` after the plan in `text`. kNo if that is none, or one for another partition.
core::Result<std::vector<uint8_t>, Problem> apply_plan(const std::string& file,
                                                       const std::string& text,
                                                       std::span<const uint8_t> partition);

// As to_plan() and the reports have them.
host::Json to_json(const Operations& operations);

}  // namespace flashstore::lilotafs_img
