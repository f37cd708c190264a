// The command line of flashstore-lx106, which is also that of flashstore-sim when it boots a
// device.
#pragma once

#include <cstdint>
#include <string>

#include "board/exit_status.h"

namespace flashstore::lx106 {

// Why the emulator is not started.
struct Failure {
  board::ExitStatus status;
  std::string message;
  std::string note = "";  // the way out; may be empty
};

struct Options {
  bool help = false;
  std::string flash;
  std::string script;  // file; empty: standard input
  std::string report;  // file; empty: none
  uint32_t size = uint32_t{4} << 20;
  uint32_t heap = uint32_t{44} << 10;
  uint32_t cut_after = UINT32_MAX;  // see ../flash_file.h
};

// Throws Failure with kUsage.
Options parse_options(int argc, char** argv);

extern const char kHelp[];

}  // namespace flashstore::lx106
