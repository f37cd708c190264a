// What a device that runs says of itself, asked through its prompt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "luac/target.h"
#include "provision/prompt.h"

namespace flashstore::provision {

struct DeviceFacts {
  struct Part {
    uint32_t address = 0;  // in flash
    uint32_t bytes = 0;
    bool operator==(const Part&) const = default;
  };
  struct Partitions {
    Part lfs;
    Part files;
    bool operator==(const Partitions&) const = default;
  };
  // An image in LFS.
  struct Image {
    std::vector<std::string> modules;    // in the order of the bytes of their names
    std::optional<uint32_t> build_time;  // seconds since 1970
  };

  std::string lua;          // "Lua 5.1"
  bool has_floats = false;  // numbers with fractions
  std::optional<Image> image = {};
  std::optional<Partitions> partitions = {};  // empty: the firmware does not tell
};

// The prompt has been found. Reasons: those of the prompt, and no-node: no firmware of this kind.
core::Result<DeviceFacts, Problem> ask_facts(Prompt& prompt);

}  // namespace flashstore::provision
