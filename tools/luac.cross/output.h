// Modules in, files out.
#pragma once

#include "console.h"
#include "inputs.h"
#include "options.h"

namespace flashstore::luac_cross {

// Lists, strips and writes what `options` ask for. Returns the exit status; what is wrong has been
// said.
int write_outputs(const Options& options, Inputs inputs, const Console& console);

}  // namespace flashstore::luac_cross
