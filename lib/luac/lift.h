// Image to IR: the functions of an LFS image, taken apart (luaflash/FORMAT.md). Images of all
// generations, relocatable or absolute.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"
#include "luac/ir.h"
#include "luac/target.h"
#include "luaflash/image_view.h"

namespace flashstore::luac {

enum class LiftFault : uint8_t {
  kVectors,         // a function is not in the image, or a vector of it
  kString,          // an address leads to no string
  kConstant,        // a constant of no kind there is
  kLineMap,         // a line map that is not one of its function
  kCode,            // code no device can run
  kNesting,         // functions nested deeper than a compiler does
  kSharedFunction,  // a function that is a child twice, or inside itself
  kSharedWords,     // vectors that overlap: together they have more words than the image
  kSharedStrings,   // strings are used so often that copies of them take too much memory
  kMaster,          // the main function does not look modules up the way a master does
};

// A short name for it, for messages and tests: "lift-vectors", ...
const char* name(LiftFault fault);

struct LiftError {
  LiftFault fault;
  uint32_t offset;   // in words: where
  std::string what;  // "a constant of unknown kind"
};

struct Lifted {
  Flavour flavour = Flavour::kFloat;
  double build_time = 0;           // seconds since 1970
  std::vector<std::string> names;  // of the modules: any bytes, not always distinct
  Function master;                 // its children are the modules, in the same order
};

// What `image` holds. Each function's code passes check_code, its line map is one of its code or
// empty, and functions are nested at most kMaxNesting deep: writers take them as they take a
// compiler's. Written by write_image, the master gives the same payload, if the image is of
// the current generation and our compiler's or the original's.
//
// Whatever the image holds, time and memory have a limit: a function is visited once, vectors have
// no more words than the image, and copies of strings no more than kMaxLiftedBytes.
core::Result<Lifted, LiftError> lift(const luaflash::ImageView& image);

inline constexpr size_t kMaxLiftedBytes = size_t{64} << 20;

}  // namespace flashstore::luac
