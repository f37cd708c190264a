// A NOR flash chip that holds everyone to the rules, counts, and can lose its power at any point.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>

#include "core/nor_flash.h"
#include "norsim/contents.h"
#include "norsim/counters.h"
#include "norsim/cut.h"
#include "norsim/operation.h"

namespace flashstore::norsim {

// A mistake of the code that uses the chip; left uncaught it ends the program, with the reason. The
// chip stays as it was before the call.
class Violation : public std::logic_error {
 public:
  enum class Rule : uint8_t {
    kRange,   // beyond the end, reads too
    kSector,  // an erase that does not begin where a sector does
    kSetBit,  // programming a 0 bit to 1
    kBudget,  // more traffic than allowed
  };

  Violation(Rule rule, const std::string& what) : std::logic_error(what), rule_(rule) {}
  Rule rule() const { return rule_; }

 private:
  Rule rule_;
};

class Flash final : public core::NorFlash {
 public:
  // The power is on.
  explicit Flash(Contents contents);

  // false: the power is gone. Mistakes throw Violation.
  uint32_t size() const override { return contents_.size(); }
  bool read(uint32_t address, std::span<uint8_t> into) override;
  bool program(uint32_t address, std::span<const uint8_t> bytes) override;
  bool erase(uint32_t address) override;

  // The power goes where `cut` says: that operation and all calls after it fail. At most one.
  void cut_at(const Cut& cut) { cut_ = cut; }
  bool has_power() const { return has_power_; }

  // What is in the chip now. After a cut, Flash(flash.contents()) is the chip with power again.
  const Contents& contents() const { return contents_; }

  const Counters& counters() const { return counters_; }
  // Starts counting anew.
  void reset_counters();
  // Holds for what the counters say; checked before the work is done.
  void set_budget(const Budget& budget) { budget_ = budget; }

  // The watcher, the caller's, is told of every operation until there is another; null: no one is.
  void watch(Watcher* watcher) { watcher_ = watcher; }

 private:
  void require_range(const char* what, uint32_t address, size_t bytes) const;
  void require_budget() const;
  // Returns whether the operation was done as a whole.
  bool carry_out(const Operation& operation);

  Contents contents_;
  Counters counters_;
  Budget budget_;
  std::optional<Cut> cut_;
  Watcher* watcher_ = nullptr;
  uint32_t operations_ = 0;
  bool has_power_ = true;
};

}  // namespace flashstore::norsim
