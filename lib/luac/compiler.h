// Lua source in, IR out.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "luac/ir.h"
#include "luac/target.h"

namespace flashstore::luac {

struct CompileError {
  std::string message;  // as Lua words it: "file:line: what near 'token'"
};

struct CompileWarning {
  uint32_t line;
  std::string text;
};

struct Compiled {
  Function main;
  std::vector<CompileWarning> warnings;
};

// Compiles `text` for `flavour`. `chunk_name` is "@path" for a file and "=name" otherwise; it
// becomes each function's source. A first line that begins with '#' is skipped (it still counts as
// a line). Names of locals and upvalues are kept: see strip.h. The process must be in the "C"
// locale. Throws std::bad_alloc.
core::Result<Compiled, CompileError> compile(std::string_view text, const std::string& chunk_name,
                                             Flavour flavour);

// Runs `text` as a script on this computer, with Lua's own libraries, and hands over the function
// it returns, if it returns one, as compile() would. The script may do what any program may.
core::Result<std::optional<Compiled>, CompileError> run_script(std::string_view text,
                                                               const std::string& chunk_name,
                                                               Flavour flavour);

}  // namespace flashstore::luac
