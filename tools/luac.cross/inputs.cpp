#include "inputs.h"

#include <unistd.h>

#include <cstdio>

#include "base_file.h"
#include "host/files.h"
#include "luac/compiler.h"
#include "luac/resource.h"
#include "luac/strip.h"
#include "luaflash/format.h"

namespace flashstore::luac_cross {
namespace {

constexpr size_t kMaxInputBytes = 64 << 20;  // far more than any image has room for
constexpr size_t kMaxResourceBytes = luaflash::kMaxImageWords * luaflash::kWordBytes;

// The source name Lua gives a chunk: it goes into the image.
std::string chunk_name(const std::string& file) {
  return file == "-" ? "=stdin" : "@" + file;
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
    return InputError{text.error().message};
  }
  std::optional<StdoutToStderr> redirected;
  if (options.json || options.output == "-") {
    redirected.emplace();  // stdout is for results, a script's words are none
  }
  auto returned = luac::run_script(text.value(), chunk_name(file), options.flavour);
  redirected.reset();
  if (!returned) {
    return InputError{luac::with_file(file, returned.error().message)};
  }
  if (!returned.value()) {
    return std::nullopt;
  }
  luac::Function& function = returned.value()->main;
  if (function.upvalue_count != 0) {
    return luac::has_upvalues(file + ": the function it returns");
  }
  luac::strip(function, luac::Strip::kNames);
  inputs.modules.push_back(luac::make_module(std::move(function)));
  inputs.origins.push_back(file);
  return std::nullopt;
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
    const auto text = host::read_file(file, kMaxInputBytes);
    if (!text) {
      return InputError{text.error().message};
    }
    auto read = luac::read_module(text.value(), file == "-" ? "stdin" : file, chunk_name(file),
                                  options.flavour);
    if (!read) {
      return read.error();
    }
    luac::ModuleFile& found = read.value();
    inputs.modules.push_back(std::move(found.module));
    inputs.warnings.insert(inputs.warnings.end(), found.warnings.begin(), found.warnings.end());
    inputs.origins.push_back(file);
  }
  for (const Resource& resource : options.resources) {
    auto content = host::read_file(resource.file, kMaxResourceBytes);
    if (!content) {
      return InputError{content.error().message};
    }
    inputs.modules.push_back(luac::make_resource(resource.module, std::move(content).value()));
    inputs.origins.push_back(resource.file);
  }
  auto base = read_base_file(options);
  if (!base) {
    return base.error();
  }
  inputs.base = std::move(base).value();
  return inputs;
}

}  // namespace flashstore::luac_cross
