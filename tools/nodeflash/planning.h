// From a command line to a plan: what plan and apply have in common.
#pragma once

#include <functional>
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
  std::string folder;         // of the inputs
  bool is_from_file = false;  // the plan was there, and is made again
};

using ReadDevice = std::function<core::Result<provision::DeviceState, Problem>()>;

// What a dump tells, of the flash or of its partition page; nothing if it is empty.
provision::DeviceState device_in(const std::string& dump);

// Reads all that is named, and makes the plan. `read`, if there is one, is asked for the device
// where that is not told otherwise: not by an option, nor by a plan that is there.
core::Result<Planned, Problem> make_plan(const PlanningOptions& options, const ReadDevice& read,
                                         Job& job);

}  // namespace flashstore::nodeflash
