// lfsimg ls: the modules of an image.
#include <memory>

#include "arguments.h"
#include "host/json.h"
#include "host/printable.h"
#include "host/table.h"
#include "modules.h"
#include "verbs.h"

namespace flashstore::lfsimg {
namespace {

using host::Json;

struct LsOptions {
  std::string image;
  bool sizes = false;
};

void set_fields(const Contents& contents, Job& job) {
  Json& modules = job.field("modules") = Json::array();
  for (const Module& module : contents.modules) {
    modules.push_back({{"name", module.name},
                       {"source", module.source.empty() ? Json(nullptr) : Json(module.source)},
                       {"offset", module.proto * luaflash::kWordBytes},
                       {"bytes", module.bytes},
                       {"functions", module.functions},
                       {"instructions", module.instructions}});
  }
}

std::string as_text(const Contents& contents, bool sizes) {
  if (!sizes) {
    std::string text;
    for (const Module& module : contents.modules) {
      text += host::printable(module.name) + "\n";
    }
    return text;
  }
  std::vector<std::vector<std::string>> rows{
      {"bytes", "functions", "instructions", "module", "source"}};
  for (const Module& module : contents.modules) {
    rows.push_back({std::to_string(module.bytes), std::to_string(module.functions),
                    std::to_string(module.instructions), host::printable(module.name),
                    host::printable(module.source)});
  }
  return host::table("rrrll", rows);
}

int run_ls(const LsOptions& options, Job& job) {
  const auto image = job.open(options.image);
  if (!image) {
    return job.fail(image.error());
  }
  const auto contents = read_contents(image.value());
  if (!contents) {
    return job.fail(contents.error());
  }
  set_fields(contents.value(), job);
  job.result(as_text(contents.value(), options.sizes));
  return host::kOk;
}

}  // namespace

void add_ls(Verbs& verbs) {
  auto options = std::make_shared<LsOptions>();
  tools::CommandLine line = verbs.add("ls", "the modules of an image, one a line",
                                      "  lfsimg ls luac.out\n  lfsimg ls -l luac.out",
                                      [options](Job& job) { return run_ls(*options, job); });
  line.flag("-l,--long", options->sizes,
            "with functions, instructions and bytes (strings not counted)");
  add_image(line, options->image);
}

}  // namespace flashstore::lfsimg
