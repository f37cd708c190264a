// The difference of two images, for people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "image/diff.h"
#include "image_file.h"

namespace flashstore::lfsimg {

// Something of both images, as large as it is there.
struct Change {
  std::string what;   // a module, a function's path, a kind
  std::string title;  // the same, short
  image::Change change;
  uint64_t before;
  uint64_t after;
};

struct Difference {
  bool same;  // the payloads, byte for byte
  uint64_t payload_before, payload_after;
  uint64_t file_before, file_after;
  // What differs besides sizes: "address: relocatable, now 0x40280000".
  std::vector<std::string> remarks;
  // Those that differ, the most first.
  std::vector<Change> modules;  // and what is no module's
  std::vector<Change> functions;
  std::vector<Change> kinds;
};

// Tables; of each only the first `top` lines.
std::string as_text(const Difference& difference, std::optional<uint32_t> top);
std::string as_markdown(const Difference& difference, std::optional<uint32_t> top);

}  // namespace flashstore::lfsimg
