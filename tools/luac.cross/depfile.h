// The make rule that says what an output depends on.
#pragma once

#include <string>

#include "options.h"

namespace flashstore::luac_cross {

// The rule's text.
std::string make_rule(const Options& options);

}  // namespace flashstore::luac_cross
