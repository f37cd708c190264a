// Power cuts while a plan is applied, to a chip of any kind.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "norsim/flash.h"
#include "norsim/power_cuts.h"
#include "provision/plan.h"

namespace flashstore::test {

using Bytes = std::vector<uint8_t>;

norsim::Flash chip_with(const Bytes& bytes);

// Whether both have the same there.
bool same(const Bytes& a, const Bytes& b, uint32_t address, uint32_t bytes);

// A plan that leads from one content of a flash to another. Whatever a cut leaves must pass
// judge(), and a second run must lead to the same end.
class ApplyCuts {
 public:
  virtual ~ApplyCuts() = default;

 protected:
  // What is wrong with a device that starts now; empty: nothing.
  virtual std::string judge(const Bytes& flash) const = 0;

  // One in so many cuts.
  void cut_anywhere(const norsim::CutChoice& choice, uint32_t one_in) const;
  void stop_before_each_step() const;

  Bytes before_;
  Bytes after_;
  provision::Plan plan_;

 private:
  std::string recover(norsim::Flash& flash) const;
};

}  // namespace flashstore::test
