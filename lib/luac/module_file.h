// A file as a module: Lua source, or bytecode.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "luac/master.h"
#include "luac/target.h"

namespace flashstore::luac {

struct ModuleError {
  std::string message;    // with the file in front
  std::string note = {};  // empty: none
};

struct ModuleFile {
  Module module;  // without names of locals and upvalues
  std::vector<std::string> warnings = {};
};

// The module in `text`, the content of a file that is called `file` in messages. What it was
// compiled from is called `source`, "@path" or "=name"; bytecode brings its own. A module is found
// by its source's name. The process must be in the "C" locale. Throws std::bad_alloc.
core::Result<ModuleFile, ModuleError> read_module(std::string_view text, const std::string& file,
                                                  const std::string& source, Flavour flavour);

// A compiler's message with `file` in front, unless it names the file.
std::string with_file(const std::string& file, const std::string& message);

// A master makes closures without upvalues: `what`, a function that has some, would use what is not
// there.
ModuleError has_upvalues(const std::string& what);

// Warnings about modules a device could not find by name: of equal names only the first is found,
// and a library's name finds the library. `origins` has the file that each module came from.
std::vector<std::string> name_warnings(const std::vector<Module>& modules,
                                       const std::vector<std::string>& origins);

}  // namespace flashstore::luac
