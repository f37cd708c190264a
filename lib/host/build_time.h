// The time that files are stamped with.
#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"

namespace flashstore::host {

struct TimeError {
  std::string message;
};

// Seconds since 1970: $SOURCE_DATE_EPOCH where it is set, else now.
core::Result<uint32_t, TimeError> build_time();

}  // namespace flashstore::host
