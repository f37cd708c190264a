// Several devices at once.
#pragma once

#include "backend.h"

namespace flashstore::nodeflash {

// Flashes all targets, at most `jobs` at once, a thread each; one that fails stops no other. A
// signal ends all of them in order. Fills in the JSON document. Returns the exit status: that of
// the first target, in their order, that failed.
int run_fleet(const std::vector<Target>& targets, size_t jobs, const Backend& backend, Job& job);

}  // namespace flashstore::nodeflash
