// The command lines of tools with verbs: what they take, what they ask for. CLI11 reads them; it
// stays behind this header, for it takes longer to compile than any verb.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/job.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace flashstore::tools {

// What an option or argument can be read into. A std::optional stays empty unless it is given; to a
// vector, an option adds one each time it is given, an argument all words that are left.
template <class T>
concept OptionValue = std::same_as<T, std::string> || std::same_as<T, uint32_t> ||
    std::same_as<T, std::optional<std::string>> || std::same_as<T, std::optional<uint32_t>> ||
    std::same_as<T, std::vector<std::string>>;

// Takes the text of an option. Returns what is wrong with it, as "'64X' is no size".
using TakeText = std::function<std::optional<std::string>(const std::string& text)>;

// A declared option or argument, to be told more of.
class Option {
 public:
  explicit Option(CLI::Option& option) : option_(option) {}

  Option& required(bool is_required = true);
  Option& range(uint32_t lowest, uint32_t highest);
  // Both together are a usage error.
  Option& excludes(const Option& other);
  // As the help text names what it takes.
  Option& type(const std::string& name);

 private:
  CLI::Option& option_;
};

// What the command line of a verb takes. Names are as "-o,--output", `type` is as the help text
// shows it: "FILE". All that is given to be filled in must outlive the parsing.
class CommandLine {
 public:
  explicit CommandLine(CLI::App& app) : app_(app) {}

  Option flag(const std::string& names, bool& is_given, const std::string& help);
  Option flag(const std::string& names, const std::function<void()>& when_given,
              const std::string& help);

  template <OptionValue Value>
  Option option(const std::string& names, const std::string& type, Value& value,
                const std::string& help);
  Option option(const std::string& names, const std::string& type, const TakeText& take,
                const std::string& help);

  // A word that is no option; arguments are filled in the order of their declarations.
  template <OptionValue Value>
  Option argument(const std::string& name, Value& value, const std::string& help);

 private:
  CLI::App& app_;
};

struct ToolDescription {
  host::Tool tool;
  std::string purpose;   // a sentence
  std::string formats;   // what it reads and writes, for --version: a line
  bool has_more = true;  // a verb has something to tell with --verbose
};

// What a command line asks for.
struct Wanted {
  std::string text = {};                    // not empty: to be printed, nothing else
  std::string verb = {};                    // empty: none
  std::optional<std::string> problem = {};  // it is wrong: what about it, and
  std::string hint = {};                    // the way out
};

// The command line of a tool: options that go with each verb, and the verbs.
class ToolCommandLine {
 public:
  ToolCommandLine(const ToolDescription& description, host::CommonOptions& options);
  ~ToolCommandLine();
  ToolCommandLine(const ToolCommandLine&) = delete;
  ToolCommandLine& operator=(const ToolCommandLine&) = delete;

  // What `TOOL NAME VERB` have in common; they are added as "NAME VERB".
  void add_family(const std::string& name, const std::string& description);

  // `TOOL NAME`, to be given options. `usage` is an example or more, a line each.
  CommandLine add_verb(const std::string& name, const std::string& description,
                       const std::string& usage);

  // Fills in what the options are bound to. `words` are without the program's name.
  Wanted parse(const std::vector<std::string>& words);

 private:
  std::unique_ptr<CLI::App> app_;
  host::CommonOptions& options_;
};

}  // namespace flashstore::tools
