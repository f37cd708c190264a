// Files in, modules out.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "luac/ir.h"

namespace flashstore::luac_cross {

struct InputError {
  std::string message;
};

// Compiles `files` ("-" is standard input), in order, without names of locals and upvalues.
// Stops at the first that cannot be read or compiled.
core::Result<std::vector<luac::Function>, InputError> compile_inputs(
    const std::vector<std::string>& files);

}  // namespace flashstore::luac_cross
