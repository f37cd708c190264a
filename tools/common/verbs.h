// A tool with verbs. Each verb is a file of its own: a plain struct of options, a function that
// runs it and returns the exit status, and a function add_VERB that declares it.
#pragma once

#include <exception>
#include <functional>
#include <map>
#include <new>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/command_line.h"

namespace flashstore::tools {

// `Job` is host::Job, or derived from it with its constructor: what the tool adds for its verbs.
template <class Job>
class Verbs {
 public:
  // What a verb does; returns the exit status.
  using Run = std::function<int(Job&)>;

  explicit Verbs(ToolCommandLine& tool) : tool_(tool) {}

  // Declares what `TOOL NAME VERB` have in common; they are added as "NAME VERB".
  void add_family(const std::string& name, const std::string& description) {
    tool_.add_family(name, description);
  }

  // Declares `TOOL NAME` and returns it to be given options. `usage` is an example or more, a line
  // each.
  CommandLine add(const std::string& name, const std::string& description, const std::string& usage,
                  Run run, const host::ProblemStatuses& statuses = {}) {
    verbs_[name] = {std::move(run), statuses};
    return tool_.add_verb(name, description, usage);
  }

  const Run& run(const std::string& name) const { return verbs_.at(name).run; }
  // Also of a command line without a verb, "".
  host::ProblemStatuses statuses(const std::string& name) const {
    return verbs_.contains(name) ? verbs_.at(name).statuses : host::ProblemStatuses{};
  }

 private:
  struct Verb {
    Run run;
    host::ProblemStatuses statuses;
  };

  ToolCommandLine& tool_;
  std::map<std::string, Verb> verbs_;
};

// Runs the verb that `words`, a command line without the program's name, ask for. `add_verbs` are
// in the order of the help text. Returns the exit status.
template <class Job>
int run_tool(const ToolDescription& description, std::span<void (*const)(Verbs<Job>&)> add_verbs,
             const std::vector<std::string>& words) {
  host::CommonOptions options;
  ToolCommandLine line(description, options);
  Verbs<Job> verbs(line);
  for (const auto add : add_verbs) {
    add(verbs);
  }
  const Wanted wanted = line.parse(words);
  Job job(description.tool, wanted.verb, wanted.text.empty() ? options : host::CommonOptions{},
          verbs.statuses(wanted.verb));
  if (!wanted.text.empty()) {
    job.result(wanted.text);
    return job.finish(host::kOk);
  }
  if (wanted.problem) {
    return job.finish(job.usage_error(*wanted.problem, wanted.hint));
  }
  try {
    return job.finish(verbs.run(wanted.verb)(job));
  } catch (const std::bad_alloc&) {
    return job.finish(
        job.fail({host::kEnvironment, {.id = "memory", .message = "not enough memory"}}));
  } catch (const std::exception& mistake) {
    return job.finish(
        job.fail({host::kEnvironment,
                  {.id = "internal",
                   .message = std::string("a mistake of this tool: ") + mistake.what(),
                   .hint = "please report it, with the input"}}));
  }
}

}  // namespace flashstore::tools
