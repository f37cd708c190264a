// Lua source in, IR out.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "luac/ir.h"

namespace flashstore::luac {

struct CompileError {
  std::string message;  // as Lua words it: "file:line: what near 'token'"
};

// Compiles `text`. `chunk_name` is "@path" for a file and "=name" otherwise; it becomes each
// function's source. A first line that begins with '#' is skipped (it still counts as a line).
// Names of locals and upvalues are kept: see drop_names. The process must be in the "C" locale.
// Throws std::bad_alloc.
core::Result<Function, CompileError> compile(std::string_view text, const std::string& chunk_name);

// Removes the names of locals and upvalues from `function` and all functions inside it: images
// carry none by default.
void drop_names(Function& function);

}  // namespace flashstore::luac
