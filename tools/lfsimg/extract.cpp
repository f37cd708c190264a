// lfsimg extract: the modules of an image as files of bytecode.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <numeric>

#include "arguments.h"
#include "file_names.h"
#include "host/json.h"
#include "host/printable.h"
#include "lifted.h"
#include "luac/chunk.h"
#include "luac/disassembly.h"
#include "verbs.h"

namespace flashstore::lfsimg {
namespace {

using host::Json;

struct ExtractOptions {
  std::string image;
  std::vector<std::string> modules;  // none: all
  std::string folder;
  bool stock = false;
  bool force = false;
};

// Places of the wanted modules in the image's order.
core::Result<std::vector<size_t>, Problem> choose(const luac::Lifted& image,
                                                  const std::vector<std::string>& wanted) {
  std::vector<size_t> chosen(wanted.empty() ? image.names.size() : 0);
  std::iota(chosen.begin(), chosen.end(), 0);
  for (const std::string& name : wanted) {
    const auto found = find_module(image, name);
    if (!found) {
      return found.error();
    }
    chosen.push_back(found.value());
  }
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  return chosen;
}

// Says what a file will not be.
void warn(const ExtractOptions& options, const luac::Lifted& image, size_t module, Job& job) {
  const auto warning = [&](const char* id, const std::string& what, const std::string& hint) {
    job.report({.id = id,
                .severity = host::Severity::kWarning,
                .message = "module '" + host::printable(image.names[module]) + "' " + what,
                .hint = hint,
                .file = options.image});
  };
  const auto same = std::find(image.names.begin(), image.names.end(), image.names[module]);
  if (static_cast<size_t>(same - image.names.begin()) != module) {
    warning("duplicate-module", "has the name of one before it",
            "a device finds the first; the file of this one has a number");
  }
  if (image.master.children[module].upvalue_count != 0) {
    warning("upvalues", "is no main chunk: it has upvalues",
            "luac.cross does not take its file for a module");
  }
}

void warn_of_integers(const ExtractOptions& options, const luac::Lifted& image, Job& job) {
  if (options.stock && image.flavour == luac::Flavour::kInt) {
    job.report({.id = "integers-become-doubles",
                .severity = host::Severity::kWarning,
                .message = "the image is for firmware with integers only; in stock Lua its numbers "
                           "are doubles",
                .hint = "divisions, overflows and powers can have other results there",
                .file = options.image});
  }
}

std::optional<Problem> make_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return Problem{
        host::kEnvironment,
        {.id = "unwritable", .message = "cannot make folder " + folder + ": " + error.message()}};
  }
  return std::nullopt;
}

int write_file(const std::string& path, const std::string& bytes, bool force, Job& job) {
  std::error_code error;
  if (!force && std::filesystem::exists(std::filesystem::symlink_status(path, error))) {
    return job.fail({host::kEnvironment,
                     {.id = "file-exists",
                      .message = path + " exists; nothing was written",
                      .hint = "extract into an empty folder, or with --force"}});
  }
  return job.write(path, {bytes.begin(), bytes.end()});
}

int write_modules(const ExtractOptions& options, const luac::Lifted& image,
                  const std::vector<size_t>& chosen, Job& job) {
  FileNames names(options.stock ? ".luac" : ".lc");
  Json& files = job.field("files") = Json::array();
  std::string listed;
  for (const size_t i : chosen) {
    const luac::Function& function = image.master.children[i];
    const std::string bytes = options.stock ? luac::write_stock_chunk(function)
                                            : luac::write_chunk(function, image.flavour);
    const std::string path = std::filesystem::path(options.folder) / names.next(image.names[i]);
    if (job.overwrites(options.image, path)) {
      return host::kUsage;
    }
    if (const int status = write_file(path, bytes, options.force, job)) {
      return status;
    }
    warn(options, image, i, job);
    files.push_back(
        {{"module", image.names[i]},
         {"source", function.source ? Json(luac::shown_source(function)) : Json(nullptr)},
         {"path", path},
         {"bytes", bytes.size()}});
    listed += host::printable(path) + "\n";
  }
  job.result(listed);
  return host::kOk;
}

int run_extract(const ExtractOptions& options, Job& job) {
  const auto file = job.open(options.image);
  if (!file) {
    return job.fail(file.error());
  }
  const auto image = lift(file.value());
  if (!image) {
    return job.fail(image.error());
  }
  const auto chosen = choose(image.value(), options.modules);
  if (!chosen) {
    return job.fail(chosen.error());
  }
  if (const auto problem = make_folder(options.folder)) {
    return job.fail(*problem);
  }
  job.field("format") = options.stock ? "stock" : "nodemcu";
  warn_of_integers(options, image.value(), job);
  return write_modules(options, image.value(), chosen.value(), job);
}

}  // namespace

void add_extract(Verbs& verbs) {
  auto options = std::make_shared<ExtractOptions>();
  tools::CommandLine line =
      verbs.add("extract", "the modules of an image as files of bytecode, one each",
                "  lfsimg extract -o modules luac.out\n"
                "  lfsimg extract --stock -o modules luac.out main && lua5.1 modules/main.luac",
                [options](Job& job) { return run_extract(*options, job); });
  line.option("-o,--output", "DIR", options->folder, "the folder for them, made if there is none")
      .required();
  line.flag("--stock", options->stock,
            "what Lua 5.1 on a 64-bit computer runs (.luac), not NodeMCU's (.lc)");
  line.flag("--force", options->force, "write over files there are");
  add_image(line, options->image);
  line.argument("MODULE", options->modules, "only these").type("TEXT");
}

}  // namespace flashstore::lfsimg
