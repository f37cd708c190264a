// Why something cannot be planned or applied. The id of each diagnostic is a reason of its own:
// what scripts go by.
#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"
#include "host/job.h"

namespace flashstore::provision {

using host::Diagnostic;
using host::Problem;

// The answer is no.
Problem refused(std::string id, std::string message, std::string hint = "", std::string file = "");

// "0x10000-0x10fff".
std::string range(uint32_t address, uint32_t bytes);

}  // namespace flashstore::provision
