// Cuts the power all through a workload and holds the file system to its promise: one mount, within
// a budget, and every file is as it was or as it was to be; after it everything works.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "norsim/power_cuts.h"
#include "torture/expectation.h"
#include "torture/workload.h"

namespace flashstore::torture {

// Looks at what recovery left, beside the file system itself: "" or what is wrong.
using Judge = std::function<std::string(std::span<const uint8_t> image, const Listing& found)>;

// A cut, before recovery from it begins; all good only during the call.
struct CutMoment {
  const norsim::CutPath& path;  // more than one: a cut in the recovery from the one before
  const norsim::Operation& operation;
  const norsim::Contents& before;
  const norsim::Contents& after;
  std::optional<uint32_t> step;    // of the workload; nullopt: the mount before the first
  const char* call;                // of the file system: "close"
  const Expectation& expectation;  // what recovery has to bring back
};
using Witness = std::function<void(const CutMoment& moment)>;

struct SweepOptions {
  norsim::CutPlan plan = {};  // `watcher` is the sweep's
  Judge judge = {};           // may be empty
  // After one in so many recoveries the partition is filled up, updated and mounted again.
  uint32_t use_one_in = 1;
  Witness witness = {};  // of each cut; may be empty
};

struct SweepResult {
  struct Failure {
    std::string id;  // parse_id() reads it
    std::string what;
  };

  std::string broken;  // what went wrong although no power was cut; empty: nothing
  uint64_t failed = 0;
  std::vector<Failure> failures;  // the first of them
  std::vector<norsim::PowerCuts::Tally> tallies;
  norsim::Counters most;  // of any single recovery, each number for itself
  norsim::Counters run;   // of the workload itself, with what was read to judge it
};

SweepResult sweep(const Workload& workload, const SweepOptions& options);

// A scripted workload, "seed-SECTORS-FILES-STEPS-SEED", or "tiny-SECTORS-MOVES".
std::optional<Workload> workload_by_name(std::string_view name);

// "NAME@CUTS": the workload and the cuts in it.
struct CutId {
  Workload workload;
  norsim::CutPath cuts;
};
std::optional<CutId> parse_id(std::string_view id);

}  // namespace flashstore::torture
