// Tries out power cuts: in every operation of a run, in the recovery from each of those cuts, and
// so on. The run goes on undisturbed; each cut has its own copy of the chip.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "norsim/cut.h"
#include "norsim/flash.h"

namespace flashstore::norsim {

// Takes a chip whose power has just returned, brings it back into use and judges it: "" or what is
// wrong. It shall call flash.watch(nullptr) when recovery is over, so that cuts are tried in
// recovery alone. A Violation it lets through counts as wrong. It is called again while it runs,
// for the cuts in it.
using Recovery = std::function<std::string(Flash& flash)>;

// Is told of a cut, the last of `path`, before recovery from it begins. All is good only during the
// call.
using CutWatcher = std::function<void(const CutPath& path, const Operation& operation,
                                      const Contents& before, const Contents& after)>;

struct CutPlan {
  // The cuts of the run, of the recoveries from them, ...: as many levels as are to be tried.
  struct Level {
    CutChoice choice = {};
    uint32_t one_in = 1;  // of the cuts found, so many are tried; by chance, the same each time
  };
  std::vector<Level> levels = {Level{}};

  // To share the work: only the cuts (of the first level, with all that follows from them) whose
  // turn it is are tried.
  uint32_t part = 0;
  uint32_t parts = 1;

  // Not empty: only this cut, whatever the rest says.
  CutPath only = {};

  CutWatcher watcher = {};  // may be empty
};

class PowerCuts final : public Watcher {
 public:
  struct Failure {
    CutPath path;
    std::string what;
  };

  PowerCuts(CutPlan plan, Recovery recovery);

  // As a watcher of the run's chip. What `recovery` holds to be right follows the run.
  void before(uint32_t number, const Operation& operation, const Contents& contents) override;

  // Of each level: the cuts that were tried, and those there were.
  struct Tally {
    uint64_t tried = 0;
    uint64_t found = 0;
  };
  const std::vector<Tally>& tallies() const { return tallies_; }
  const std::vector<Failure>& failures() const { return failures_; }  // the first 100
  uint64_t failed() const { return failed_; }

 private:
  void try_cut(const Operation& operation, Contents contents, const Cut& cut);
  bool is_chosen(const Cut& cut) const;

  CutPlan plan_;
  Recovery recovery_;
  CutPath path_;  // of the cut being tried
  std::vector<Tally> tallies_;
  std::vector<Failure> failures_;
  uint64_t failed_ = 0;
};

}  // namespace flashstore::norsim
