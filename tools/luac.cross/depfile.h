// The make rule that says what an output depends on.
#pragma once

#include "console.h"
#include "options.h"

namespace flashstore::luac_cross {

// Writes options.depfile. Returns the exit status; what is wrong has been said.
int write_depfile(const Options& options, Console& console);

}  // namespace flashstore::luac_cross
