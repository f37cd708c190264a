// How verbs show a table.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "job.h"
#include "table.h"

namespace flashstore::nodeflash {

// A line a partition; what is free between them of a sound table, too. `flash_bytes` 0: unknown.
std::string as_text(const AnyTable& table, uint32_t flash_bytes, bool is_sound);

// The fields of the JSON document that all verbs of tables have.
void set_table_fields(const AnyTable& table, uint32_t flash_bytes, Job& job);

// Answers with a table, and has `bytes`, the file it is in, written to `output`; what is shown does
// not go where the file does. Returns the exit status.
int write_with_table(const AnyTable& table, uint32_t flash_bytes, const std::string& output,
                     std::vector<uint8_t> bytes, Job& job);

}  // namespace flashstore::nodeflash
