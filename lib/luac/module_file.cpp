#include "luac/module_file.h"

#include <algorithm>
#include <map>
#include <utility>

#include "luac/chunk.h"
#include "luac/compiler.h"
#include "luac/format_text.h"
#include "luac/libraries.h"
#include "luac/strip.h"

namespace flashstore::luac {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// The original's words for any fault of the header; where the fault is and what it means follows.
ModuleError chunk_error(const std::string& file, const ChunkError& error) {
  const std::string offset = format("@0x%zx: ", error.offset);
  if (error.in_header) {
    return {file + ": bad header in precompiled chunk", file + offset + error.what};
  }
  return {file + offset + error.what};
}

}  // namespace

// Lua names file and line where it knows them, and shortens long paths with "..."; where it does
// not, the file is put in front.
std::string with_file(const std::string& file, const std::string& message) {
  const bool is_named = message.starts_with(file + ":") || message.starts_with("...");
  return is_named ? message : file + ": " + message;
}

ModuleError has_upvalues(const std::string& what) {
  return {what + " has upvalues", "a module cannot: make them parameters, or globals"};
}

core::Result<ModuleFile, ModuleError> read_module(std::string_view text, const std::string& file,
                                                  const std::string& source, Flavour flavour) {
  if (is_chunk(text)) {
    auto function = read_chunk(text, flavour);
    if (!function) {
      return chunk_error(file, function.error());
    }
    if (function.value().upvalue_count != 0) {
      return has_upvalues(file + ": its function");
    }
    return ModuleFile{make_module(std::move(function).value())};
  }
  if (text.starts_with(kByteOrderMark)) {
    return ModuleError{file + ":1: the file begins with a byte order mark",
                       "save it as UTF-8 without one"};
  }
  auto compiled = compile(text, source, flavour);
  if (!compiled) {
    return ModuleError{with_file(file, compiled.error().message)};
  }
  strip(compiled.value().main, Strip::kNames);
  ModuleFile result{make_module(std::move(compiled.value().main))};
  for (const CompileWarning& warning : compiled.value().warnings) {
    result.warnings.push_back(file + ":" + std::to_string(warning.line) + ": " + warning.text);
  }
  return result;
}

std::vector<std::string> name_warnings(const std::vector<Module>& modules,
                                       const std::vector<std::string>& origins) {
  std::vector<std::string> warnings;
  std::map<std::string, std::string> first_origin;
  for (size_t i = 0; i < modules.size(); ++i) {
    const std::string& name = modules[i].name;
    const auto [first, is_new] = first_origin.emplace(name, origins[i]);
    if (!is_new) {
      warnings.push_back("module '" + name + "' of " + origins[i] +
                         " cannot be reached: " + first->second + " has the same name");
    } else if (std::find(kLibraries.begin(), kLibraries.end(), name) != kLibraries.end()) {
      warnings.push_back("module '" + name + "' of " + origins[i] +
                         ": require finds the library of that name first");
    }
  }
  return warnings;
}

}  // namespace flashstore::luac
