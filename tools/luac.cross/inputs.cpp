#include "inputs.h"

#include <string_view>

#include "host/files.h"
#include "luac/compiler.h"

namespace flashstore::luac_cross {
namespace {

// The source name Lua gives a chunk: it goes into the image.
std::string chunk_name(const std::string& file) {
  return file == "-" ? "=stdin" : "@" + file;
}

}  // namespace

core::Result<std::vector<luac::Function>, InputError> compile_inputs(
    const std::vector<std::string>& files) {
  std::vector<luac::Function> modules;
  for (const std::string& file : files) {
    const auto text = host::read_file(file);
    if (!text) {
      return InputError{text.error().message};
    }
    auto module = luac::compile(text.value(), chunk_name(file));
    if (!module) {
      return InputError{module.error().message};
    }
    luac::drop_names(module.value());
    modules.push_back(std::move(module).value());
  }
  return modules;
}

}  // namespace flashstore::luac_cross
