#include "report.h"

#include <algorithm>

#include "core/bytes.h"
#include "host/json.h"
#include "host/quantities.h"
#include "luac/measure.h"
#include "luaflash/format.h"

namespace flashstore::luac_cross {
namespace {

constexpr size_t kLargestShown = 5;

std::string place_of(const luac::Function& function) {
  const std::string source = function.source.value_or("=?");
  return source.substr(source.empty() ? 0 : 1) + ":" + std::to_string(function.line_defined);
}

// Adds `function` and all inside it to the report and to its module.
void add(const luac::Function& function, luac::Flavour flavour, Report& report,
         ModuleSize& module) {
  const uint32_t bytes = luac::own_bytes(function, flavour);
  report.by_size.push_back({place_of(function), bytes});
  module.bytes += bytes;
  ++module.functions;
  for (const luac::Function& child : function.children) {
    add(child, flavour, report, module);
  }
}

template <class Sized>
void sort_by_size(std::vector<Sized>& sizes) {
  std::stable_sort(sizes.begin(), sizes.end(),
                   [](const Sized& a, const Sized& b) { return a.bytes > b.bytes; });
}

host::Json image_to_json(const Report& report) {
  host::Json json;
  json["fits"] = report.fits();
  json["image_bytes"] = report.image_bytes;
  json["file_bytes"] = report.file_bytes;
  json["max_bytes"] = report.max_bytes ? host::Json(*report.max_bytes) : nullptr;
  json["strings"] = report.strings;
  json["string_bytes"] = report.string_bytes;
  json["functions"] = report.functions;
  json["stripped_bytes"] = report.stripped_bytes;
  json["modules"] = host::Json::array();
  for (const ModuleSize& module : report.modules) {
    json["modules"].push_back(
        {{"name", module.name}, {"bytes", module.bytes}, {"functions", module.functions}});
  }
  json["largest_functions"] = host::Json::array();
  for (size_t i = 0; i < std::min(kLargestShown, report.by_size.size()); ++i) {
    json["largest_functions"].push_back(
        {{"place", report.by_size[i].place}, {"bytes", report.by_size[i].bytes}});
  }
  return json;
}

// The largest few, "name (size), name (size)".
template <class Sized>
std::string largest(const std::vector<Sized>& sorted, std::string Sized::*name) {
  std::string text;
  for (size_t i = 0; i < std::min(kLargestShown, sorted.size()); ++i) {
    text += (i == 0 ? "" : ", ") + sorted[i].*name + " (" + host::bytes(sorted[i].bytes) + ")";
  }
  return text;
}

}  // namespace

Report make_report(const luac::Function& master, const luac::Image& image, luac::Flavour flavour,
                   std::optional<uint32_t> max_bytes) {
  Report report;
  report.image_bytes = image.image_bytes;
  report.strings =
      core::load_word(image.payload, luaflash::kHeaderStringCount * luaflash::kWordBytes);
  report.max_bytes = max_bytes;
  for (size_t i = 0; i < master.children.size(); ++i) {
    ModuleSize module{std::get<std::string>(master.constants[i]), 0, 0};
    add(master.children[i], flavour, report, module);
    report.functions += module.functions;
    report.modules.push_back(std::move(module));
  }
  uint32_t function_bytes = luac::own_bytes(master, flavour);
  for (const FunctionSize& function : report.by_size) {
    function_bytes += function.bytes;
  }
  constexpr uint32_t kHeaderBytes = luaflash::kHeaderWords * luaflash::kWordBytes;
  report.string_bytes = image.image_bytes - function_bytes - kHeaderBytes;
  sort_by_size(report.by_size);
  return report;
}

std::string summary(const Report& report) {
  std::string text = host::count(report.modules.size(), "module") + ", " +
                     host::count(report.functions, "function") + ", " +
                     host::count(report.strings, "string") + ": " + host::bytes(report.image_bytes);
  if (report.max_bytes && *report.max_bytes != 0) {
    text += ", " + host::percent(report.image_bytes, *report.max_bytes) + " of the LFS region";
  }
  if (report.file_bytes != 0) {
    text += "; file " + host::bytes(report.file_bytes);
  }
  if (report.stripped_bytes != 0) {
    text += "; stripping saved " + host::bytes(report.stripped_bytes);
  }
  return text;
}

std::vector<std::string> too_large_notes(const Report& report, uint32_t limit) {
  std::vector<ModuleSize> modules = report.modules;
  sort_by_size(modules);
  return {"short by " + host::bytes(report.image_bytes - limit) + ": the image has " +
              host::bytes(report.image_bytes) + ", there is room for " + host::bytes(limit),
          "strings take " + host::bytes(report.string_bytes) + " in all",
          "largest modules: " + largest(modules, &ModuleSize::name),
          "largest functions: " + largest(report.by_size, &FunctionSize::place)};
}

std::string to_json(const Report* report, const std::vector<std::string>& errors,
                    const std::vector<std::string>& warnings) {
  host::Json json;
  json["schema"] = "luac.cross.report/1";
  json["ok"] = errors.empty();
  json["errors"] = errors;
  json["warnings"] = warnings;
  json["image"] = report != nullptr ? image_to_json(*report) : nullptr;
  return host::to_text(json);
}

}  // namespace flashstore::luac_cross
