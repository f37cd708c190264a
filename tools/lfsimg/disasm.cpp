// lfsimg disasm: the instructions of an image.
#include <memory>
#include <optional>

#include "arguments.h"
#include "common/printable_sources.h"
#include "host/json.h"
#include "lifted.h"
#include "luac/disassembly.h"
#include "luac/listing.h"
#include "verbs.h"

namespace flashstore::lfsimg {
namespace {

using host::Json;
using luac::Function;

struct DisasmOptions {
  std::string image;
  std::optional<std::string> module;
  bool full = false;
};

const char* kind(const luac::Constant& constant) {
  constexpr const char* kKinds[] = {"nil", "boolean", "number", "string"};
  return kKinds[constant.index()];
}

Json constants_of(const Function& function) {
  Json constants = Json::array();
  for (const luac::Constant& constant : function.constants) {
    constants.push_back({{"kind", kind(constant)}, {"text", luac::shown(constant)}});
  }
  return constants;
}

Json code_of(const luac::Disassembly& listed) {
  Json code = Json::array();
  for (const luac::Instruction& i : listed.code) {
    code.push_back({{"number", i.number},
                    {"line", i.line == 0 ? Json(nullptr) : Json(i.line)},
                    {"name", i.name},
                    {"operands", i.operands},
                    {"comment", i.comment}});
  }
  return code;
}

Json function_of(const luac::Disassembly& listed) {
  const Function& f = *listed.function;
  return {{"id", listed.id},
          {"source", f.source ? Json(luac::shown_source(f)) : Json(nullptr)},
          {"line_defined", f.line_defined},
          {"last_line_defined", f.last_line_defined},
          {"parameters", f.parameter_count},
          {"vararg", f.vararg_flags != 0},
          {"upvalues", f.upvalue_count},
          {"registers", f.max_stack},
          {"constants", constants_of(f)},
          {"functions", listed.children},
          {"code", code_of(listed)}};
}

int run_disasm(const DisasmOptions& options, Job& job) {
  const auto file = job.open(options.image);
  if (!file) {
    return job.fail(file.error());
  }
  auto image = lift(file.value());
  if (!image) {
    return job.fail(image.error());
  }
  tools::make_sources_printable(image.value().master);
  const Function* root = &image.value().master;
  if (options.module) {
    const auto found = find_module(image.value(), *options.module);
    if (!found) {
      return job.fail(found.error());
    }
    root = &root->children[found.value()];
  }
  if (job.json()) {
    Json& functions = job.field("functions") = Json::array();
    for (const luac::Disassembly& listed : luac::disassemble(*root)) {
      functions.push_back(function_of(listed));
    }
  } else {
    job.result(luac::list(*root, options.full));
  }
  return host::kOk;
}

}  // namespace

void add_disasm(Verbs& verbs) {
  auto options = std::make_shared<DisasmOptions>();
  tools::CommandLine line =
      verbs.add("disasm", "the instructions of an image, as luac -l lists them",
                "  lfsimg disasm luac.out\n  lfsimg disasm --full luac.out main",
                [options](Job& job) { return run_disasm(*options, job); });
  line.flag("--full", options->full, "with tables of constants, locals and upvalues");
  add_image(line, options->image);
  line.argument("MODULE", options->module, "this module alone").type("TEXT");
}

}  // namespace flashstore::lfsimg
