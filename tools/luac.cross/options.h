// The command line of luac.cross.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace flashstore::luac_cross {

struct Options {
  bool image = false;                 // -f, or implied by -a, -m
  std::optional<uint32_t> base;       // -a: byte address the image shall run at
  std::optional<uint32_t> max_bytes;  // -m: size of the device's LFS region
  bool parse_only = false;            // -p
  bool version = false;               // -v
  std::string output = "luac.out";    // -o
  std::vector<std::string> files;     // "-" is standard input
};

struct UsageError {
  std::string message;
};

struct HelpText {
  std::string text;
};

// Options are separate words and end at the first word that is none, or at "--"; all further words
// are files.
std::variant<Options, UsageError, HelpText> parse_options(const std::vector<std::string>& words);

// A summary of the options, for the end of a usage error.
std::string usage();

}  // namespace flashstore::luac_cross
