// Modules in, files out.
#pragma once

#include <optional>

#include "console.h"
#include "inputs.h"
#include "options.h"
#include "report.h"

namespace flashstore::luac_cross {

struct Outcome {
  int status = kOk;              // what is wrong has been said
  std::optional<Report> report;  // of an image, written or too large
};

// Lists, strips and writes what `options` ask for.
Outcome write_outputs(const Options& options, Inputs inputs, Console& console);

}  // namespace flashstore::luac_cross
