// The command line of flashstore-lx106.
#pragma once

#include <string>

#include "board/device_options.h"

namespace flashstore::lx106 {

struct Options {
  board::DeviceOptions device;
  std::string script;  // file; empty: standard input
};

// Throws board::Failure with kUsage.
Options parse_options(int argc, char** argv);

extern const char kHelp[];

}  // namespace flashstore::lx106
