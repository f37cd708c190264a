// The command line of flashstore-sim.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "board/device_options.h"
#include "luaflash/format.h"

namespace flashstore::sim {

struct Options {
  board::DeviceOptions device;

  // A device that boots.
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

  // Without flash, it is one program that runs.
  bool boots() const { return !device.flash.empty(); }
};

// Throws board::Failure with kUsage.
Options parse_options(int argc, char** argv);

extern const char kHelp[];

}  // namespace flashstore::sim
