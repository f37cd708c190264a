// What the command lines of all tools with verbs have in common.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "host/job.h"

namespace flashstore::tools {

struct ToolDescription {
  host::Tool tool;
  std::string purpose;   // a sentence
  std::string formats;   // what it reads and writes, for --version: a line
  bool has_more = true;  // a verb has something to tell with --verbose
};

// Options that go with each verb.
void add_common(CLI::App& app, const ToolDescription& description, host::CommonOptions& options);

// `tool NAME`, to be given options. `usage` is an example or more, a line each.
CLI::App& add_verb(CLI::App& tool, const std::string& name, const std::string& description,
                   const std::string& usage);

// What a command line asks for.
struct Wanted {
  std::string text = {};                    // not empty: to be printed, nothing else
  std::string verb = {};                    // empty: none
  std::optional<std::string> problem = {};  // it is wrong: what about it, and
  std::string hint = {};                    // the way out
};

// Fills in what the options of `app` are bound to. `words` are without the program's name.
Wanted parse(CLI::App& app, host::CommonOptions& options, const std::vector<std::string>& words);

}  // namespace flashstore::tools
