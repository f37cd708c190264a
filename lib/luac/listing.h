// Functions as text, the way luac -l shows them.
#pragma once

#include <string>

#include "luac/ir.h"

namespace flashstore::luac {

// Lists `root` and all functions inside it; with `full` also their constants, locals and upvalues.
// Where luac shows a function's address, its number stands, counted in the order of the listing.
std::string list(const Function& root, bool full);

}  // namespace flashstore::luac
