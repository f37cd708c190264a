// From a command line to a plan: what plan and apply have in common.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/arguments.h"
#include "job.h"
#include "provision/plan.h"

namespace flashstore::nodeflash {

struct PlanningOptions {
  std::string document;          // a manifest or a plan; empty: the options below
  provision::Manifest manifest;  // what options say, with paths as they are given
  std::string device;            // a dump of the device: of its flash, or of its partition page
};

// Returns the document.
tools::Option add_planning(tools::CommandLine& line, PlanningOptions& options);

struct Planned {
  provision::Plan plan;
  std::string folder;  // of the inputs
};

// Reads all that is named, and makes the plan. `image`, if it is there, is the flash of the device
// where no other one is given; it may be empty.
core::Result<Planned, Problem> make_plan(const PlanningOptions& options, const std::string& image,
                                         Job& job);

}  // namespace flashstore::nodeflash
