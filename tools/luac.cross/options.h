// The command line of luac.cross.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "image/gzip.h"
#include "luac/target.h"

namespace flashstore::luac_cross {

struct Resource {
  std::string module;  // the name it is found by
  std::string file;
};

struct Options {
  luac::Flavour flavour = luac::Flavour::kFloat;  // --target, or the program's name
  bool image = false;                             // -f, or implied by -a, -m
  bool lookup = false;                            // -i
  std::optional<uint32_t> base;                   // -a: byte address the image shall run at
  std::optional<uint32_t> max_bytes;              // -m: size of the device's LFS region
  int list = 0;                                   // -l, given how often
  int strip = 0;                                  // -s, given how often
  bool parse_only = false;                        // -p
  bool version = false;                           // -v
  bool strict = false;                            // --strict: warnings are errors
  bool quiet = false;                             // --quiet: no summary
  bool json = false;                              // --json: the report on stdout
  std::optional<std::string> attach_to;           // --attach-to: the image in LFS, or kNoBase
  std::optional<uint32_t> lfs_address;            // --lfs-address: where that is mapped
  std::optional<std::string> script;              // -e
  std::optional<std::string> depfile;             // --depfile
  std::vector<Resource> resources;                // --resource
  std::string output = "luac.out";                // -o
  std::vector<std::string> files;                 // "-" is standard input
  // --compress: of a relocatable image
  image::Compression compression = image::Compression::kDefault;
};

// What --attach-to says where LFS is empty.
inline constexpr const char* kNoBase = "none";

// All files `options` name to be read, in their order.
std::vector<std::string> input_files(const Options& options);

// All files `options` name to be written.
std::vector<std::string> output_files(const Options& options);

struct UsageError {
  std::string message;
};

struct HelpText {
  std::string text;
};

// Options are separate words and end at the first word that is none, or at "--"; all further words
// are files. A `program` called luac.cross.int or .dword has that target by default.
std::variant<Options, UsageError, HelpText> parse_options(const std::string& program,
                                                          const std::vector<std::string>& words);

// A summary of the options, for the end of a usage error.
std::string usage();

}  // namespace flashstore::luac_cross
