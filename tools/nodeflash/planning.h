// From a command line to a plan: what plan, apply and flash have in common.
#pragma once

#include <functional>
#include <optional>
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

// All but the document.
void add_plan_options(tools::CommandLine& line, PlanningOptions& options);
// Returns the document.
tools::Option add_planning(tools::CommandLine& line, PlanningOptions& options);

// What a command line names, read: a plan can be made of it for one device, or for many.
struct PlanSource {
  provision::InputDigest document;      // its path is empty for options
  std::optional<provision::Plan> plan;  // of a plan file; the rest, but the folder, is for others
  provision::Manifest manifest;
  std::string folder;  // of the inputs
  provision::Inputs inputs;
  uint32_t build_time = 0;
  bool has_time = false;  // it was told; otherwise it is now
  std::string device;     // a dump of it; empty: none

  const provision::Manifest& what() const { return plan ? plan->manifest : manifest; }
};

using ReadText =
    std::function<core::Result<std::string, Problem>(const std::string& path, size_t max_bytes)>;

// Reads all that is named; the document with `read`.
core::Result<PlanSource, Problem> read_source(const PlanningOptions& options, const ReadText& read);

using ReadDevice =
    std::function<core::Result<provision::DeviceState, Problem>(const provision::ChipKind& chip)>;

// What a dump tells, of the flash or of the sector of its partition table; nothing if it is empty.
provision::DeviceState device_in(const std::string& dump, const provision::ChipKind& chip);

// `read`, if there is one, is asked for the device where that is not told otherwise: not by an
// option, nor by a plan that is there. Any thread may do this.
core::Result<provision::Plan, Problem> make_plan(const PlanSource& source, const ReadDevice& read);

struct Planned {
  provision::Plan plan;
  std::string folder;  // of the inputs
};

// Both, for a verb with one document.
core::Result<Planned, Problem> make_plan(const PlanningOptions& options, const ReadDevice& read,
                                         Job& job);

}  // namespace flashstore::nodeflash
