// Files in, modules out.
#pragma once

#include <string>
#include <vector>

#include "console.h"
#include "core/result.h"
#include "luac/base_image.h"
#include "luac/module_file.h"
#include "options.h"

namespace flashstore::luac_cross {

using InputError = luac::ModuleError;

struct Inputs {
  std::vector<luac::Module> modules;  // without names of locals and upvalues
  std::vector<std::string> origins;   // of each module: the file it came from
  std::vector<std::string> warnings;
  luac::BaseImage base;  // of --attach-to
};

// Compiles the files of `options`, in order, then its resources. Bytecode is taken as it is. Stops
// at the first file that cannot be read or compiled.
core::Result<Inputs, InputError> read_inputs(const Options& options);

}  // namespace flashstore::luac_cross
