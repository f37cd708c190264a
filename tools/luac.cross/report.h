// What an image is made of, in numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "luac/image_writer.h"
#include "luac/ir.h"

namespace flashstore::luac_cross {

struct FunctionSize {
  std::string place;  // source:line
  uint32_t bytes;     // of itself: no strings, no functions inside it
};

struct ModuleSize {
  std::string name;
  uint32_t bytes;  // of all its functions
  uint32_t functions;
};

struct Report {
  uint32_t image_bytes = 0;
  uint32_t file_bytes = 0;  // 0: nothing was written
  uint32_t strings = 0;
  uint32_t string_bytes = 0;  // with their hash vector
  uint32_t functions = 0;
  std::optional<uint32_t> max_bytes;  // size of the LFS region, if known
  uint32_t stripped_bytes = 0;        // what -s saved
  std::vector<ModuleSize> modules;    // in the image's order
  std::vector<FunctionSize> by_size;  // largest first

  bool fits() const { return !max_bytes || image_bytes <= *max_bytes; }
};

// `master` is the root `image` was written from.
Report make_report(const luac::Function& master, const luac::Image& image, luac::Flavour flavour,
                   std::optional<uint32_t> max_bytes);

// One line: sizes and counts.
std::string summary(const Report& report);

// By how much it exceeds `limit` bytes and what is largest, a line each.
std::vector<std::string> too_large_notes(const Report& report, uint32_t limit);

// What a run came to, as one JSON document ending in a newline: report.schema.json. `report` is
// null where there is no image.
std::string to_json(const Report* report, const std::vector<std::string>& errors,
                    const std::vector<std::string>& warnings);

}  // namespace flashstore::luac_cross
