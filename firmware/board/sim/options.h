// The command line of flashstore-sim.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chip.h"
#include "luaflash/format.h"

namespace flashstore::sim {

struct Options {
  bool help = false;
  size_t heap = 0;     // bytes
  std::string report;  // file; empty: none is written

  // A device that boots.
  ChipOptions chip;   // without a file: the following
  std::string typed;  // file; empty: what comes from stdin
  bool terminal = false;
  bool network = false;  // the host's, on 127.0.0.1
  std::optional<uint16_t> port_offset;

  // A program that is run on a device made for it.
  std::string image;   // file; empty: a device without an image
  std::string script;  // file; empty: run `module`
  std::string module;
  std::vector<std::string> arguments;
  uint32_t base = luaflash::kMinAbsoluteBase;  // a sector in the flash window

  bool boots() const { return !chip.file.empty(); }
};

// Throws Failure with kUsage.
Options parse_options(int argc, char** argv);

extern const char kHelp[];

}  // namespace flashstore::sim
