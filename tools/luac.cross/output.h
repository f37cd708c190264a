// Modules in, files out.
#pragma once

#include <optional>
#include <vector>

#include "console.h"
#include "host/files.h"
#include "inputs.h"
#include "options.h"
#include "report.h"

namespace flashstore::luac_cross {

struct Outcome {
  int status = kOk;                      // what is wrong has been said
  std::optional<Report> report;          // of an image, written or too large
  std::vector<host::PendingFile> files;  // to be committed if all else has gone well
};

inline Outcome failed(int status) {
  Outcome outcome;
  outcome.status = status;
  return outcome;
}

// Lists, strips and prepares what `options` ask for.
Outcome make_outputs(const Options& options, Inputs inputs, Console& console);

}  // namespace flashstore::luac_cross
