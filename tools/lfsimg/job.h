// One run of a verb: what all verbs are given, and the one way their answers go.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "host/console.h"
#include "host/diagnostic.h"
#include "host/exit_status.h"
#include "host/files.h"
#include "host/json.h"
#include "image_file.h"

namespace flashstore::lfsimg {

struct CommonOptions {
  bool json = false;
  bool quiet = false;
  int verbose = 0;
  host::ColourMode colour = host::ColourMode::kAuto;
};

class Job {
 public:
  Job(std::string verb, const CommonOptions& options);

  bool json() const { return options_.json; }
  int verbose() const { return options_.verbose; }
  // Whether a result may have colours.
  bool colours() const;

  // An answer for people, on stdout. With --json it is left out: set fields instead.
  void result(std::string_view text);

  // A field of the JSON document, beside those that all documents have; in the order of first use.
  host::Json& field(const std::string& name) { return fields_[name]; }

  // Says it on stderr, errors even with --quiet, and keeps it for the JSON document.
  void report(const host::Diagnostic& diagnostic);

  // The same for what ends a verb; returns its exit status.
  int fail(const Problem& problem);
  int usage_error(const std::string& message, const std::string& hint);

  // The image in the file `path`, and the file under "input" in the JSON document.
  core::Result<ImageFile, Problem> open(const std::string& path);

  // The file `path` as it is, and under "input" as above.
  core::Result<std::string, Problem> read(const std::string& path);

  // What JSON says of an input file.
  static host::Json describe(const std::string& path, std::string_view content);

  // Has `bytes` written to `path`, "-" is stdout, once all else has gone well: until then the old
  // file stays. Returns kOk or what is to be returned.
  int write(const std::string& path, std::vector<uint8_t> bytes);

  // Whether writing `output` would overwrite the input `input`; says so.
  bool overwrites(const std::string& input, const std::string& output);

  // Prints the JSON document, if there is to be one, and lets the files take their places. Returns
  // the exit status of the program.
  int finish(int status);

 private:
  host::Json document(bool ok);

  std::string verb_;
  CommonOptions options_;
  host::Console console_;
  host::Json input_;  // null: none read
  host::Json fields_ = host::Json::object();
  host::Json diagnostics_ = host::Json::array();
  std::vector<host::PendingFile> files_;
};

}  // namespace flashstore::lfsimg
