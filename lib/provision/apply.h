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
};

struct Applied {
  bool was_there = false;  // the chip had it all: nothing was done
  bool page_kept = false;
};

// Does the steps in their order, each verified before the next. A chip that has everything already
// is left alone; any other one gets all steps, whatever an earlier run has left in it: so one that
// was interrupted is finished by another. After a problem the rest has not been begun.
core::Result<Applied, Problem> apply(const Plan& plan, Chip& chip, const ApplyHost& host);

}  // namespace flashstore::provision
