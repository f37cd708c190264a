// Takes away what running code does not need.
#pragma once

#include <cstdint>

#include "luac/ir.h"

namespace flashstore::luac {

// Each level takes what the one before takes, and more.
enum class Strip : uint8_t {
  kNames,    // names of locals and upvalues: files for devices carry none
  kLines,    // line maps: error messages have no line
  kSources,  // names of sources
};

// Strips `function` and all functions inside it. With Strip::kSources they all have the source
// `common_source` afterwards, or none.
void strip(Function& function, Strip level, const std::optional<std::string>& common_source = {});

}  // namespace flashstore::luac
