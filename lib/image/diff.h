// What became of the modules and functions of one image in another.
#pragma once

#include <cstdint>
#include <vector>

#include "image/attribution.h"

namespace flashstore::image {

enum class Change : uint8_t {
  kSame,
  kAdded,
  kRemoved,
  kGrown,
  kShrunk,
  kChanged,  // of the same size, but it does something else
};

// "same", "added", ...
const char* name(Change change);

// An owner of one image and the one it became in the other. What is compared are a module's
// `total`, and the `bytes` of all others: a function grows by itself, not by those inside it.
struct Match {
  uint32_t before = kNoOwner;  // index into owners, or none: added
  uint32_t after = kNoOwner;   // or none: removed
  uint64_t before_bytes = 0;
  uint64_t after_bytes = 0;
  Change change = Change::kSame;
};

// Each owner of both once: in the order of `after`, those removed behind what is left of their
// module or function. Modules and functions are the same if they have the same name, in the same
// module or function; of several, and of functions without a name, those that do the same, or else
// the first for the first, the second for the second.
std::vector<Match> compare(const Attribution& before, const Attribution& after);

}  // namespace flashstore::image
