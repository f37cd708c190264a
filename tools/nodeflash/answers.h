// How verbs show a table.
#pragma once

#include <cstdint>
#include <string>

#include "job.h"
#include "table.h"

namespace flashstore::nodeflash {

// A line a partition; what is free between them of a sound table, too. `flash_bytes` 0: unknown.
std::string as_text(const AnyTable& table, uint32_t flash_bytes, bool is_sound);

// The fields of the JSON document that all verbs of tables have.
void set_table_fields(const AnyTable& table, uint32_t flash_bytes, Job& job);

}  // namespace flashstore::nodeflash
