#include "inputs.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <string_view>

#include "host/files.h"
#include "libraries.h"
#include "luac/chunk.h"
#include "luac/compiler.h"
#include "luac/master.h"
#include "luac/resource.h"
#include "luac/strip.h"
#include "luaflash/format.h"

namespace flashstore::luac_cross {
namespace {

constexpr size_t kMaxInputBytes = 64 << 20;  // far more than any image has room for
constexpr size_t kMaxResourceBytes = luaflash::kMaxImageWords * luaflash::kWordBytes;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// The source name Lua gives a chunk: it goes into the image.
std::string chunk_name(const std::string& file) {
  return file == "-" ? "=stdin" : "@" + file;
}

// Lua names file and line where it knows them, and shortens long paths with "..."; where it does
// not, the file is put in front.
std::string with_file(const std::string& file, const std::string& message) {
  const bool is_named = message.starts_with(file + ":") || message.starts_with("...");
  return is_named ? message : file + ": " + message;
}

// The original's words for any fault of the header; where the fault is and what it means follows.
InputError chunk_error(const std::string& file, const luac::ChunkError& error) {
  char offset[24];
  std::snprintf(offset, sizeof offset, "@0x%zx: ", error.offset);
  if (error.in_header) {
    return {file + ": bad header in precompiled chunk", file + offset + error.what};
  }
  return {file + offset + error.what, ""};
}

// A master makes closures without upvalues: a function that has some would use what is not there.
InputError has_upvalues(const std::string& what) {
  return {what + " has upvalues", "a module cannot: make them parameters, or globals"};
}

// While it lives, what is printed on stdout goes to stderr.
class StdoutToStderr {
 public:
  StdoutToStderr() : saved_(move(STDERR_FILENO)) {}
  StdoutToStderr(const StdoutToStderr&) = delete;
  StdoutToStderr& operator=(const StdoutToStderr&) = delete;
  ~StdoutToStderr() {
    move(saved_);
    close(saved_);
  }

 private:
  // Makes stdout lead to where `target` does; returns where it led.
  static int move(int target) {
    std::fflush(stdout);
    const int before = dup(STDOUT_FILENO);
    dup2(target, STDOUT_FILENO);
    return before;
  }

  int saved_;
};

// Adds the function that `file` returns when it runs. Without one nothing is added.
std::optional<InputError> run_script(const Options& options, Inputs& inputs) {
  const std::string& file = *options.script;
  const auto text = host::read_file(file, kMaxInputBytes);
  if (!text) {
    return InputError{text.error().message, ""};
  }
  std::optional<StdoutToStderr> redirected;
  if (options.json || options.output == "-") {
    redirected.emplace();  // stdout is for results, a script's words are none
  }
  auto returned = luac::run_script(text.value(), chunk_name(file), options.flavour);
  redirected.reset();
  if (!returned) {
    return InputError{with_file(file, returned.error().message), ""};
  }
  if (!returned.value()) {
    return std::nullopt;
  }
  luac::Function& function = returned.value()->main;
  if (function.upvalue_count != 0) {
    return has_upvalues(file + ": the function it returns");
  }
  luac::strip(function, luac::Strip::kNames);
  inputs.modules.push_back(luac::make_module(std::move(function)));
  inputs.origins.push_back(file);
  return std::nullopt;
}

core::Result<luac::Module, InputError> read_module(const std::string& file, luac::Flavour flavour,
                                                   std::vector<std::string>& warnings) {
  const auto text = host::read_file(file, kMaxInputBytes);
  if (!text) {
    return InputError{text.error().message, ""};
  }
  const std::string shown = file == "-" ? "stdin" : file;
  if (luac::is_chunk(text.value())) {
    auto function = luac::read_chunk(text.value(), flavour);
    if (!function) {
      return chunk_error(shown, function.error());
    }
    if (function.value().upvalue_count != 0) {
      return has_upvalues(shown + ": its function");
    }
    return luac::make_module(std::move(function).value());
  }
  if (text.value().starts_with(kByteOrderMark)) {
    return InputError{shown + ":1: the file begins with a byte order mark",
                      "save it as UTF-8 without one"};
  }
  auto compiled = luac::compile(text.value(), chunk_name(file), flavour);
  if (!compiled) {
    return InputError{with_file(shown, compiled.error().message), ""};
  }
  for (const luac::CompileWarning& warning : compiled.value().warnings) {
    warnings.push_back(shown + ":" + std::to_string(warning.line) + ": " + warning.text);
  }
  luac::strip(compiled.value().main, luac::Strip::kNames);
  return luac::make_module(std::move(compiled.value().main));
}

}  // namespace

core::Result<Inputs, InputError> read_inputs(const Options& options) {
  Inputs inputs;
  if (options.script) {
    if (const auto error = run_script(options, inputs)) {
      return *error;
    }
  }
  for (const std::string& file : options.files) {
    auto module = read_module(file, options.flavour, inputs.warnings);
    if (!module) {
      return module.error();
    }
    inputs.modules.push_back(std::move(module).value());
    inputs.origins.push_back(file);
  }
  for (const Resource& resource : options.resources) {
    auto content = host::read_file(resource.file, kMaxResourceBytes);
    if (!content) {
      return InputError{content.error().message, ""};
    }
    inputs.modules.push_back(luac::make_resource(resource.module, std::move(content).value()));
    inputs.origins.push_back(resource.file);
  }
  return inputs;
}

std::vector<std::string> name_warnings(const Inputs& inputs) {
  std::vector<std::string> warnings;
  std::map<std::string, std::string> first_origin;
  for (size_t i = 0; i < inputs.modules.size(); ++i) {
    const std::string& name = inputs.modules[i].name;
    const auto [first, is_new] = first_origin.emplace(name, inputs.origins[i]);
    if (!is_new) {
      warnings.push_back("module '" + name + "' of " + inputs.origins[i] +
                         " cannot be reached: " + first->second + " has the same name");
    } else if (std::find(kLibraries.begin(), kLibraries.end(), name) != kLibraries.end()) {
      warnings.push_back("module '" + name + "' of " + inputs.origins[i] +
                         ": require finds the library of that name first");
    }
  }
  return warnings;
}

}  // namespace flashstore::luac_cross
