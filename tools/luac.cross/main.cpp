// luac.cross: Lua 5.1 -> LFS image or NodeMCU bytecode. See luac.cross.1.
#include <algorithm>
#include <filesystem>
#include <new>
#include <optional>
#include <string>

#include "console.h"
#include "host/files.h"
#include "inputs.h"
#include "options.h"
#include "output.h"

namespace flashstore::luac_cross {
namespace {

constexpr const char* kVersion = "Lua 5.1.5  Copyright (C) 1994-2012 Lua.org, PUC-Rio\n";

// Says `warnings`. With --strict they are errors; then returns kFailed.
int report_warnings(const std::vector<std::string>& warnings, bool strict, Console& console) {
  for (const std::string& warning : warnings) {
    strict ? static_cast<void>(console.error(warning)) : console.warning(warning);
  }
  return strict && !warnings.empty() ? kFailed : kOk;
}

// Why a file would be lost by being written, if one would.
std::optional<std::string> overwritten_file(const Options& options) {
  for (const std::string& input : input_files(options)) {
    for (const std::string& output : output_files(options)) {
      if (host::is_overwritten(input, output)) {
        return "output " + output + " is also an input";
      }
    }
  }
  const auto place = [](const std::string& path) {
    return std::filesystem::weakly_canonical(path);
  };
  if (options.depfile && place(*options.depfile) == place(options.output)) {
    return "output " + options.output + " is also the depfile";
  }
  return std::nullopt;
}

Outcome run(const Options& options, Console& console) {
  if (options.version && !options.json) {
    console.result(kVersion);
  }
  if (options.files.empty() && options.resources.empty() && !options.script) {
    return failed(options.version ? kOk : console.usage_error("no input files given"));
  }
  const auto clash = options.parse_only ? std::nullopt : overwritten_file(options);
  if (clash) {
    return failed(console.error(*clash));
  }
  auto inputs = read_inputs(options);
  if (!inputs) {
    console.error(inputs.error().message);
    if (!inputs.error().note.empty()) {
      console.note(inputs.error().note);
    }
    return failed(kFailed);
  }
  if (inputs.value().modules.empty()) {
    return {};  // a script has run; there is nothing to write
  }
  std::vector<std::string> warnings = inputs.value().warnings;
  if (options.image || options.lookup) {
    const std::vector<std::string> names =
        luac::name_warnings(inputs.value().modules, inputs.value().origins);
    warnings.insert(warnings.end(), names.begin(), names.end());
  }
  if (report_warnings(warnings, options.strict, console) != kOk) {
    return failed(kFailed);
  }
  return make_outputs(options, std::move(inputs).value(), console);
}

void print_json(const Report* report, Console& console) {
  console.result(to_json(report, console.errors(), console.warnings()));
}

// With --json all that is to be known goes to stdout as one document.
int run_and_report(const Options& options, Console& console) {
  Outcome outcome;
  try {
    outcome = run(options, console);
  } catch (const std::bad_alloc&) {
    outcome.status = console.error("not enough memory");
  }
  if (options.json) {
    print_json(outcome.report ? &*outcome.report : nullptr, console);
  }
  // The old files stay until everything else is done.
  int status = console.finish(outcome.status);
  for (host::PendingFile& file : outcome.files) {
    const auto error = status == kOk ? file.commit() : std::nullopt;
    status = error ? console.error(error->message) : status;
  }
  return status;
}

int main_with(const std::string& program, const std::vector<std::string>& words) {
  Console console(program);
  const auto parsed = parse_options(program, words);
  if (const auto* error = std::get_if<UsageError>(&parsed)) {
    const int status = console.usage_error(error->message);
    if (std::find(words.begin(), words.end(), "--json") != words.end()) {
      print_json(nullptr, console);
    }
    return console.finish(status);
  }
  if (const auto* help = std::get_if<HelpText>(&parsed)) {
    console.result(help->text);
    return console.finish(kOk);
  }
  return run_and_report(std::get<Options>(parsed), console);
}

}  // namespace
}  // namespace flashstore::luac_cross

int main(int argc, char** argv) {
  const std::string program = argc > 0 ? argv[0] : "luac.cross";
  return flashstore::luac_cross::main_with(program, {argv + (argc > 0 ? 1 : 0), argv + argc});
}
