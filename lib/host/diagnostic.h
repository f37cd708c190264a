// What is wrong with a file, for people and for programs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "host/console.h"

namespace flashstore::host {

struct Diagnostic {
  std::string id;  // stable, short, "window-too-large": what scripts look for
  Severity severity = Severity::kError;
  std::string message;
  std::string hint = {};                        // the way out; empty: none
  std::string file = {};                        // empty: not about a file
  std::optional<uint32_t> line = {};            // of a text, from 1
  std::optional<uint64_t> offset = {};          // bytes into the file
  std::optional<uint64_t> payload_offset = {};  // bytes into what the file holds compressed
};

}  // namespace flashstore::host
