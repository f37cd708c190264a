#pragma once

#include <cstdint>

extern "C" {
#include "lua.h"
}

namespace flashstore::firmware {

constexpr uint32_t kVersionMajor = 0;
constexpr uint32_t kVersionMinor = 1;
constexpr uint32_t kVersionRevision = 0;

constexpr const char* kNumberType = lua_Number(1) / 2 == 0 ? "integer" : "float";

}  // namespace flashstore::firmware
