// Files in, modules out.
#pragma once

#include <string>
#include <vector>

#include "console.h"
#include "core/result.h"
#include "luac/master.h"
#include "options.h"

namespace flashstore::luac_cross {

struct InputError {
  std::string message;
  std::string note;  // empty: none
};

struct Inputs {
  std::vector<luac::Module> modules;  // without names of locals and upvalues
  std::vector<std::string> origins;   // of each module: the file it came from
  std::vector<std::string> warnings;
};

// Compiles the files of `options`, in order, then its resources. Bytecode is taken as it is. Stops
// at the first file that cannot be read or compiled.
core::Result<Inputs, InputError> read_inputs(const Options& options);

// Warnings about modules a device could not find by name: of equal names only the first is found,
// and a library's name finds the library.
std::vector<std::string> name_warnings(const Inputs& inputs);

}  // namespace flashstore::luac_cross
