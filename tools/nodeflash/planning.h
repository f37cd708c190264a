// From a command line to a plan: what plan and apply have in common.
#pragma once

#include <functional>
#include <string>

#include "common/arguments.h"
#include "job.h"
#include "provision/chip_kind.h"
#include "provision/plan.h"

namespace flashstore::nodeflash {

struct PlanningOptions {
  std::string document;          // a manifest or a plan; empty: the options below
  provision::Manifest manifest;  // what options say, with paths as they are given
  std::string device;            // a dump of the device: its flash, or its partition table's sector
};

// Returns the document.
tools::Option add_planning(tools::CommandLine& line, PlanningOptions& options);

struct Planned {
  provision::Plan plan;
  std::string folder;  // of the inputs
};

using ReadDevice =
    std::function<core::Result<provision::DeviceState, Problem>(const provision::ChipKind& chip)>;

// What a dump tells, of the flash or of the sector of its partition table; nothing if it is empty.
provision::DeviceState device_in(const std::string& dump, const provision::ChipKind& chip);

// Reads all that is named, and makes the plan. `read`, if there is one, is asked for the device
// where that is not told otherwise: not by an option, nor by a plan that is there.
core::Result<Planned, Problem> make_plan(const PlanningOptions& options, const ReadDevice& read,
                                         Job& job);

}  // namespace flashstore::nodeflash
