// The command line of flashstore-sim.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "luaflash/format.h"

namespace flashstore::sim {

inline constexpr size_t kDefaultHeap = size_t{4} << 20;

struct Options {
  bool help = false;
  std::string image;   // file; empty: a device without an image
  std::string script;  // file; empty: run `module`
  std::string module;
  std::vector<std::string> arguments;
  uint32_t base = luaflash::kMinAbsoluteBase;  // a sector in the flash window
  size_t heap = kDefaultHeap;                  // bytes
};

// Throws Failure with kUsage.
Options parse_options(int argc, char** argv);

extern const char kHelp[];

}  // namespace flashstore::sim
