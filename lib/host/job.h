// One run of a verb of a tool: what all verbs are given, and the one way their answers go.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "host/console.h"
#include "host/diagnostic.h"
#include "host/exit_status.h"
#include "host/files.h"
#include "host/json_forward.h"

namespace flashstore::host {

struct Tool {
  std::string name;  // "lfsimg"
  std::string version;
};

struct CommonOptions {
  bool json = false;
  bool quiet = false;
  int verbose = 0;
  ColourMode colour = ColourMode::kAuto;
};

// Why a verb ends without its answer.
struct Problem {
  ExitStatus status;
  Diagnostic diagnostic;
};

// The content of the file `path`, "-" is standard input, of up to `max_bytes`.
core::Result<std::string, Problem> read_input(const std::string& path, size_t max_bytes);

// What a verb that does not go by ExitStatus, as fsck, exits with for a problem.
struct ProblemStatuses {
  int no = kNo;
  int usage = kUsage;
  int environment = kEnvironment;
};

class Job {
 public:
  // `verb` is empty where a command line has none. `tool` must outlive the job.
  Job(const Tool& tool, std::string verb, const CommonOptions& options,
      const ProblemStatuses& statuses = {});
  ~Job();

  bool json() const { return options_.json; }
  bool quiet() const { return options_.quiet; }
  int verbose() const { return options_.verbose; }
  // Whether a result may have colours.
  bool colours() const;

  // An answer for people, on stdout. With --json it is left out: set fields instead.
  void result(std::string_view text);

  // A line for people on stderr, not with --quiet or --json.
  void summary(std::string_view text);

  // What a long verb is at: a line that the next one takes the place of. On a terminal only, and
  // not with --quiet or --json.
  void progress(std::string_view text);

  // From now on what goes to stderr is events, one JSON object a line; diagnostics, too.
  void show_events() { events_ = true; }
  bool shows_events() const { return events_; }
  // Does nothing without show_events().
  void event(const Json& event);

  // A field of the JSON document, beside those that all documents have; in the order of first use.
  Json& field(const std::string& name);

  // Says it on stderr, errors even with --quiet, and keeps it for the JSON document.
  void report(const Diagnostic& diagnostic);

  // The parts of that, for a verb that keeps them itself, of `whose`: a line that begins with it;
  // the event; and what JSON says of it.
  void say(const Diagnostic& diagnostic, const std::string& whose);
  static Json event_of(const Diagnostic& diagnostic);
  static Json describe(const Diagnostic& diagnostic, bool with_file);

  // The id of the first error that was reported; empty: none.
  const std::string& first_error() const { return first_error_; }

  // The same for what ends a verb; returns its exit status. No file is written then.
  int fail(const Problem& problem);
  int usage_error(const std::string& message, const std::string& hint);

  // read_input(), and the file under "input" in the JSON document.
  core::Result<std::string, Problem> read(const std::string& path, size_t max_bytes);

  // What JSON says of an input file.
  static Json describe(const std::string& path, std::string_view content);

  // Has `bytes` written to `path`, "-" is stdout but no terminal, once all else has gone well:
  // until then the old file stays. Returns kOk or what is to be returned.
  int write(const std::string& path, std::vector<uint8_t> bytes);

  // Whether writing `output` would overwrite the input `input`; says so.
  bool overwrites(const std::string& input, const std::string& output);

  // Prints the JSON document, if there is to be one, and lets the files take their places unless
  // the verb failed. Returns the exit status of the program.
  int finish(int status);

 private:
  struct Answer;

  Json document(bool ok);

  const Tool& tool_;
  std::string verb_;
  CommonOptions options_;
  ProblemStatuses statuses_;
  Console console_;
  bool failed_ = false;
  bool events_ = false;
  std::string first_error_;
  std::unique_ptr<Answer> answer_;
  std::vector<PendingFile> files_;
};

}  // namespace flashstore::host
