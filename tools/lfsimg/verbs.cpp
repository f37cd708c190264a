#include "verbs.h"

#include <utility>

namespace flashstore::lfsimg {
namespace {

// In the order of the help text. A new verb: a line here, its declaration in verbs.h, its file in
// CMakeLists.txt.
constexpr void (*kVerbs[])(Verbs&) = {
    add_info,
    add_ls,
    add_extract,
    add_disasm,
};

}  // namespace

CLI::App& Verbs::add(const std::string& name, const std::string& description,
                     const std::string& usage, Run run) {
  runs_[name] = std::move(run);
  CLI::App* app = tool_.add_subcommand(name, description);
  app->footer("Examples:\n" + usage);
  app->group("Verbs");
  app->fallthrough();
  return *app;
}

void add_verbs(Verbs& verbs) {
  for (const auto add : kVerbs) {
    add(verbs);
  }
}

}  // namespace flashstore::lfsimg
