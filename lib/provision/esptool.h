// Espressif's esptool, as a program that is there: which one, and how it wants to be spoken to.
// 4.x, 5.x, and esptool-js behind the same command line.
#pragma once

#include <string>
#include <vector>

#include "provision/problems.h"

namespace flashstore::provision {

struct Esptool {
  std::vector<std::string> command;  // {"python3", "-m", "esptool"}
  std::string version;               // "4.8.1"
  bool has_dashes = false;           // "write-flash", as 5.x; "write_flash" otherwise
  bool skips_flashed = false;        // since 5.2: leaves alone what has the right digest already
  bool erases_without_stub = false;  // since 4.10: an ESP32's region

  // A verb, an option or a value with dashes, as this version spells it.
  std::string spelled(std::string word) const;
};

// `given` is a program, or a command with words between blanks; empty: $ESPTOOL, and without it
// esptool, esptool.py and python3 -m esptool in this order. Reasons: no-esptool, strange-esptool.
core::Result<Esptool, Problem> find_esptool(const std::string& given);

}  // namespace flashstore::provision
