// The command line of virtual-chip.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "support/virtual_chip/chip.h"

namespace flashstore::virtual_chip {

extern const char kHelp[];

struct Options {
  ChipOptions chip;
  std::string flash;
  uint32_t flash_bytes = 4 << 20;
  std::string log;
  std::string link;
  std::string app;
  std::vector<std::string> command;
  bool help = false;
};

// Throws std::invalid_argument.
Options parse_options(int argc, char** argv);

}  // namespace flashstore::virtual_chip
