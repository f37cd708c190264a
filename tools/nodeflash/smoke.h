// What verbs have in common that look whether a board runs what it was given.
#pragma once

#include <chrono>
#include <string>

#include "job.h"
#include "provision/smoke.h"

namespace flashstore::nodeflash {

struct SmokeLine {
  std::string port;
  uint32_t baud = 115200;        // of the console
  uint32_t seconds_of_line = 3;  // for the answer to a line
};

// What came of it, as the document of `nodeflash smoke` has it.
host::Json to_json(const provision::SmokeReport& report);

// Resets the board and asks it; what is wrong is reported, and the field "smoke" has it all.
// Returns the exit status.
int run_smoke(const SmokeLine& line, const provision::SmokeWanted& wanted, Job& job);

}  // namespace flashstore::nodeflash
