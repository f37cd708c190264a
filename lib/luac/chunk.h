// Precompiled Lua 5.1: NodeMCU's .lc files, and what luac writes on a computer.
//
// NodeMCU's is Lua 5.1's own format for a 32-bit little-endian machine, with two changes: code and
// line maps begin at multiples of 4 bytes behind the 12-byte header, and a line map is packed
// (luaflash/FORMAT.md). On a computer it is a line for each instruction.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"
#include "luac/ir.h"
#include "luac/target.h"

namespace flashstore::luac {

struct ChunkError {
  size_t offset;     // bytes into the file
  std::string what;  // what was found, what was wanted
  bool in_header;    // it is for another machine, or no precompiled Lua at all
};

// Whether `file` is precompiled Lua of any kind.
bool is_chunk(std::string_view file);

// The function in `file`, which must be NodeMCU's for `flavour` and have code that passes
// check_code. Whatever `file` holds, memory use stays in proportion to its size.
core::Result<Function, ChunkError> read_chunk(std::string_view file, Flavour flavour);

// NodeMCU's.
std::string write_chunk(const Function& function, Flavour flavour);

// What stock Lua 5.1 reads on a 64-bit little-endian computer. All numbers become doubles.
std::string write_stock_chunk(const Function& function);

}  // namespace flashstore::luac
