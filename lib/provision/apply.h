// Brings a plan onto a chip.
#pragma once

#include <functional>
#include <span>

#include "provision/chip.h"
#include "provision/plan.h"

namespace flashstore::provision {

struct ApplyHost {
  // Keeps the partition page the device had, where no run that follows writes over it. It is safe
  // there before the chip itself changes.
  std::function<std::optional<Problem>(std::span<const uint8_t> page)> keep_page = {};
  // Is told of each step before it is begun; may be empty.
  std::function<void(size_t step)> begin = {};
  // Keeps in mind that so many steps, from the first on, are done and verified, and no more: before
  // anything is changed, and whenever it is another number. May be empty.
  std::function<std::optional<Problem>(size_t steps)> done = {};
};

struct Applied {
  bool was_there = false;  // the chip had it all: nothing was done
  bool page_kept = false;
  size_t steps_before = 0;  // that an earlier run has done, and this one has not done again
};

// Does the steps in their order, each verified before the next. A chip that has everything already
// is left alone; any other one gets all steps, whatever an earlier run has left in it: so one that
// was interrupted is finished by another. After a problem the rest has not been begun.
//
// `done` is what an earlier run of the same plan kept in mind. What those steps left is looked for
// in the chip, and only if it is there are they not done again: from the first on that has left
// nothing, all are, or from the very first where a later one says that what it left is complete.
core::Result<Applied, Problem> apply(const Plan& plan, Chip& chip, const ApplyHost& host,
                                     size_t done = 0);

}  // namespace flashstore::provision
