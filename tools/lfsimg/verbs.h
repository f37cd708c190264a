// The verbs of lfsimg. Each is a file of its own: a plain struct of options, a function that runs
// it and returns the exit status, and add_VERB, which declares it. info.cpp is the model.
//
// A new verb needs: its file in CMakeLists.txt, add_VERB below, a line in verbs.cpp's list, what
// it prints with --json in schemas/VERB.schema.json, a section in lfsimg.1, and cases in
// tests/cli/lfsimg.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <string>

#include "job.h"

namespace flashstore::lfsimg {

// What a verb does; returns the exit status.
using Run = std::function<int(Job&)>;

class Verbs {
 public:
  explicit Verbs(CLI::App& tool) : tool_(tool) {}

  // Declares `lfsimg NAME` and returns it to be given options. `usage` is an example or more, a
  // line each.
  CLI::App& add(const std::string& name, const std::string& description, const std::string& usage,
                Run run);

  const Run& run(const std::string& name) const { return runs_.at(name); }
  bool has(const std::string& name) const { return runs_.contains(name); }

 private:
  CLI::App& tool_;
  std::map<std::string, Run> runs_;
};

// Declares all of them.
void add_verbs(Verbs& verbs);

void add_disasm(Verbs& verbs);
void add_extract(Verbs& verbs);
void add_info(Verbs& verbs);
void add_ls(Verbs& verbs);

}  // namespace flashstore::lfsimg
