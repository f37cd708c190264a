// lfsimg: what is in an LFS image. See lfsimg.1.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "arguments.h"
#include "job.h"
#include "verbs.h"
#include "version.h"

namespace flashstore::lfsimg {
namespace {

constexpr std::array<std::pair<std::string_view, host::ColourMode>, 3> kColourModes{
    {{"auto", host::ColourMode::kAuto},
     {"always", host::ColourMode::kAlways},
     {"never", host::ColourMode::kNever}}};

std::string version() {
  return std::string("lfsimg ") + kVersion +
         "\nreads LFS images of Lua 5.1, of 2018 and since, for float, int and dword firmware";
}

void add_common(CLI::App& tool, CommonOptions& options) {
  tool.set_help_flag("-h,--help", "print this text");
  tool.set_version_flag("--version", version(), "show the version");
  tool.add_flag("--json", options.json, "answer as one JSON document on stdout");
  tool.add_flag("-q,--quiet", options.quiet, "errors only on stderr");
  tool.add_flag("-v,--verbose", options.verbose, "tell more");
  add_choice(tool, "--color", kColourModes, options.colour, "colours")->type_name("WHEN");
  tool.footer(host::kExitStatusHelp);
  tool.get_formatter()->label("SUBCOMMAND", "VERB ...");
  tool.require_subcommand(1);
}

// The first word that is no option: where there is a verb it is that.
std::string first_word(const std::vector<std::string>& words) {
  const auto found = std::find_if(words.begin(), words.end(), [](const std::string& word) {
    return !word.empty() && word[0] != '-';
  });
  return found == words.end() ? "" : *found;
}

int wrong_usage(const std::vector<std::string>& words, const Verbs& verbs, std::string problem) {
  CommonOptions options;
  options.json = std::find(words.begin(), words.end(), "--json") != words.end();
  const std::string word = first_word(words);
  const bool has_verb = verbs.has(word);
  if (!has_verb) {
    problem = word.empty() ? "a verb is missing" : "there is no verb '" + word + "'";
  }
  Job job(has_verb ? word : "", options);
  const std::string help = has_verb ? "lfsimg " + word + " --help" : "lfsimg --help";
  return job.finish(job.usage_error(problem, "'" + help + "' tells more"));
}

int run(CLI::App& tool, const Verbs& verbs, const CommonOptions& options) {
  const std::string verb = tool.get_subcommands().front()->get_name();
  Job job(verb, options);
  try {
    return job.finish(verbs.run(verb)(job));
  } catch (const std::bad_alloc&) {
    return job.finish(
        job.fail({host::kEnvironment, {.id = "memory", .message = "not enough memory"}}));
  }
}

int main_with(const std::vector<std::string>& words) {
  CLI::App tool("Looks into LFS images: Lua in the flash of ESP8266 chips.", "lfsimg");
  CommonOptions options;
  add_common(tool, options);
  Verbs verbs(tool);
  add_verbs(verbs);
  try {
    tool.parse(
        std::vector<std::string>(words.rbegin(), words.rend()));  // CLI11 takes them from the back
  } catch (const CLI::Success& wanted) {
    const std::string text =
        wanted.get_name() == "CallForVersion" ? wanted.what() + std::string("\n") : tool.help();
    Job job("", {});
    job.result(text);
    return job.finish(host::kOk);
  } catch (const CLI::ParseError& error) {
    return wrong_usage(words, verbs, error.what());
  }
  return run(tool, verbs, options);
}

}  // namespace
}  // namespace flashstore::lfsimg

int main(int argc, char** argv) {
  return flashstore::lfsimg::main_with({argv + std::min(argc, 1), argv + argc});
}
