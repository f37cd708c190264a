#include "common/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <string_view>
#include <type_traits>
#include <utility>

#include "common/arguments.h"

namespace flashstore::tools {
namespace {

constexpr std::array<std::pair<std::string_view, host::ColourMode>, 3> kColourModes{
    {{"auto", host::ColourMode::kAuto},
     {"always", host::ColourMode::kAlways},
     {"never", host::ColourMode::kNever}}};

// Of `app`, by its name; nullptr: none.
const CLI::App* find_verb(const CLI::App& app, const std::string& name) {
  const auto found =
      app.get_subcommands([&](const CLI::App* verb) { return verb->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

bool has_verbs(const CLI::App& app) {
  return !app.get_subcommands([](const CLI::App*) { return true; }).empty();
}

// Words that are no options: the first ones are the verb.
Wanted wrong(const CLI::App& tool, const std::vector<std::string>& words, std::string problem) {
  const CLI::App* at = &tool;
  std::string path;
  std::string stranger;
  for (const std::string& word : words) {
    if (!has_verbs(*at) || !stranger.empty()) {
      break;
    }
    if (word.empty() || word[0] == '-') {
      continue;
    }
    if (const CLI::App* verb = find_verb(*at, word)) {
      at = verb;
      path += " " + word;
    } else {
      stranger = path + " " + word;
    }
  }
  if (has_verbs(*at)) {
    problem =
        stranger.empty() ? "a verb is missing" : "there is no verb '" + stranger.substr(1) + "'";
  }
  return {.verb = path.empty() || has_verbs(*at) ? "" : path.substr(1),
          .problem = problem,
          .hint = "'" + tool.get_name() + path + " --help' tells more"};
}

}  // namespace

Option& Option::required(bool is_required) {
  option_.required(is_required);
  return *this;
}

Option& Option::range(uint32_t lowest, uint32_t highest) {
  option_.check(CLI::Range(lowest, highest).description(""));
  return *this;
}

Option& Option::excludes(const Option& other) {
  option_.excludes(&other.option_);
  return *this;
}

Option& Option::type(const std::string& name) {
  option_.type_name(name);
  return *this;
}

Option CommandLine::flag(const std::string& names, bool& is_given, const std::string& help) {
  return Option(*app_.add_flag(names, is_given, help));
}

Option CommandLine::flag(const std::string& names, const std::function<void()>& when_given,
                         const std::string& help) {
  return Option(*app_.add_flag_callback(names, when_given, help));
}

template <OptionValue Value>
Option CommandLine::option(const std::string& names, const std::string& type, Value& value,
                           const std::string& help) {
  CLI::Option* option = app_.add_option(names, value, help)->type_name(type);
  if (std::is_same_v<Value, std::vector<std::string>>) {
    option->allow_extra_args(false);
  }
  return Option(*option);
}

Option CommandLine::option(const std::string& names, const std::string& type, const TakeText& take,
                           const std::string& help) {
  const std::string name = names.substr(0, names.find(','));
  const auto take_or_throw = [take, name](const std::string& text) {
    if (const auto wrong = take(text)) {
      throw CLI::ValidationError(name, *wrong);
    }
  };
  return Option(
      *app_.add_option_function<std::string>(names, take_or_throw, help)->type_name(type));
}

template <OptionValue Value>
Option CommandLine::argument(const std::string& name, Value& value, const std::string& help) {
  return Option(*app_.add_option(name, value, help)->type_name(""));
}

template Option CommandLine::option(const std::string&, const std::string&, std::string&,
                                    const std::string&);
template Option CommandLine::option(const std::string&, const std::string&, uint32_t&,
                                    const std::string&);
template Option CommandLine::option(const std::string&, const std::string&,
                                    std::optional<std::string>&, const std::string&);
template Option CommandLine::option(const std::string&, const std::string&,
                                    std::optional<uint32_t>&, const std::string&);
template Option CommandLine::option(const std::string&, const std::string&,
                                    std::vector<std::string>&, const std::string&);
template Option CommandLine::argument(const std::string&, std::string&, const std::string&);
template Option CommandLine::argument(const std::string&, std::optional<std::string>&,
                                      const std::string&);
template Option CommandLine::argument(const std::string&, std::vector<std::string>&,
                                      const std::string&);

ToolCommandLine::ToolCommandLine(const ToolDescription& description, host::CommonOptions& options)
    : app_(std::make_unique<CLI::App>(description.purpose, description.tool.name)),
      options_(options) {
  const host::Tool& tool = description.tool;
  app_->set_help_flag("-h,--help", "print this text");
  app_->set_version_flag("--version", tool.name + " " + tool.version + "\n" + description.formats,
                         "show the version");
  app_->add_flag("--json", options.json, "answer as one JSON document on stdout");
  app_->add_flag("-q,--quiet", options.quiet, "errors only on stderr");
  if (description.has_more) {
    app_->add_flag("-v,--verbose", options.verbose, "tell more");
  }
  CommandLine line(*app_);
  add_choice(line, "--color", "WHEN", kColourModes, options.colour, "colours");
  app_->footer(host::kExitStatusHelp);
  app_->get_formatter()->label("SUBCOMMAND", "VERB ...");
  app_->require_subcommand(1);
}

ToolCommandLine::~ToolCommandLine() = default;

void ToolCommandLine::add_family(const std::string& name, const std::string& description) {
  CLI::App& family = *app_->add_subcommand(name, description);
  family.group("Verbs");
  family.fallthrough();
  family.require_subcommand(1);
}

CommandLine ToolCommandLine::add_verb(const std::string& name, const std::string& description,
                                      const std::string& usage) {
  const size_t space = name.find(' ');
  CLI::App& parent =
      space == std::string::npos ? *app_ : *app_->get_subcommand(name.substr(0, space));
  CLI::App& verb = *parent.add_subcommand(name.substr(space + 1), description);
  verb.footer("Examples:\n" + usage);
  verb.group("Verbs");
  verb.fallthrough();
  return CommandLine(verb);
}

Wanted ToolCommandLine::parse(const std::vector<std::string>& words) {
  try {
    // CLI11 takes them from the back.
    app_->parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::Success& wanted) {
    const bool version = wanted.get_name() == "CallForVersion";
    return {.text = version ? wanted.what() + std::string("\n") : app_->help()};
  } catch (const CLI::ParseError& error) {
    options_.json = std::find(words.begin(), words.end(), "--json") != words.end();
    return wrong(*app_, words, error.what());
  }
  Wanted wanted;
  for (auto verbs = app_->get_subcommands(); !verbs.empty();
       verbs = verbs.front()->get_subcommands()) {
    wanted.verb += (wanted.verb.empty() ? "" : " ") + verbs.front()->get_name();
  }
  return wanted;
}

}  // namespace flashstore::tools
