#include "common/command_line.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/arguments.h"

namespace flashstore::tools {
namespace {

constexpr std::array<std::pair<std::string_view, host::ColourMode>, 3> kColourModes{
    {{"auto", host::ColourMode::kAuto},
     {"always", host::ColourMode::kAlways},
     {"never", host::ColourMode::kNever}}};

// The first word that is no option: where there is a verb it is that.
std::string first_word(const std::vector<std::string>& words) {
  const auto found = std::find_if(words.begin(), words.end(), [](const std::string& word) {
    return !word.empty() && word[0] != '-';
  });
  return found == words.end() ? "" : *found;
}

Wanted wrong(const CLI::App& app, const std::vector<std::string>& words, std::string problem) {
  const std::string word = first_word(words);
  const auto verbs =
      app.get_subcommands([&](const CLI::App* verb) { return verb->get_name() == word; });
  const bool is_verb = !verbs.empty();
  if (!is_verb) {
    problem = word.empty() ? "a verb is missing" : "there is no verb '" + word + "'";
  }
  return {.verb = is_verb ? word : "",
          .problem = problem,
          .hint = "'" + app.get_name() + (is_verb ? " " + word : "") + " --help' tells more"};
}

}  // namespace

void add_common(CLI::App& app, const ToolDescription& description, host::CommonOptions& options) {
  const host::Tool& tool = description.tool;
  app.set_help_flag("-h,--help", "print this text");
  app.set_version_flag("--version", tool.name + " " + tool.version + "\n" + description.formats,
                       "show the version");
  app.add_flag("--json", options.json, "answer as one JSON document on stdout");
  app.add_flag("-q,--quiet", options.quiet, "errors only on stderr");
  if (description.has_more) {
    app.add_flag("-v,--verbose", options.verbose, "tell more");
  }
  add_choice(app, "--color", kColourModes, options.colour, "colours")->type_name("WHEN");
  app.footer(host::kExitStatusHelp);
  app.get_formatter()->label("SUBCOMMAND", "VERB ...");
  app.require_subcommand(1);
}

CLI::App& add_verb(CLI::App& tool, const std::string& name, const std::string& description,
                   const std::string& usage) {
  CLI::App* app = tool.add_subcommand(name, description);
  app->footer("Examples:\n" + usage);
  app->group("Verbs");
  app->fallthrough();
  return *app;
}

Wanted parse(CLI::App& app, host::CommonOptions& options, const std::vector<std::string>& words) {
  try {
    // CLI11 takes them from the back.
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::Success& wanted) {
    const bool version = wanted.get_name() == "CallForVersion";
    return {.text = version ? wanted.what() + std::string("\n") : app.help()};
  } catch (const CLI::ParseError& error) {
    options.json = std::find(words.begin(), words.end(), "--json") != words.end();
    return wrong(app, words, error.what());
  }
  return {.verb = app.get_subcommands().front()->get_name()};
}

}  // namespace flashstore::tools
