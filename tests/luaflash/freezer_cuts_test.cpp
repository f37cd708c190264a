// Power goes in every operation of a freezer's life: it is begun, filled, cleared and begun again;
// and in the operations of the boots that follow. Everyday runs take a share of the second cuts,
// those with FLASHSTORE_DEEP=1 a larger one, and some third ones.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "luaflash/freezer_region.h"
#include "luaflash/string_hash.h"
#include "norsim/flash.h"
#include "norsim/power_cuts.h"

namespace flashstore::luaflash {
namespace {

using test::kFlavour;
using test::kRegionBase;
using test::Region;
using test::Words;

constexpr uint32_t kBytes = 0x2000;

#ifdef FLASHSTORE_SANITIZED
constexpr uint32_t kSlowdown = 4;
#else
constexpr uint32_t kSlowdown = 1;
#endif

// What the run has added; what it adds next may be there or not.
struct Life {
  Region there;
  bool clearing = false;  // nothing is there any more
};

class FreezerCuts : public testing::Test {
 protected:
  static norsim::CutPlan plan() {
    const bool deep = std::getenv("FLASHSTORE_DEEP") != nullptr;
    norsim::CutPlan plan;
    plan.levels.resize(deep ? 3 : 2);
    plan.levels[0].choice.metadata_bytes = deep ? 4 : 0;
    plan.levels[0].choice.data_breaks = deep ? 16 : 4;
    plan.levels[0].choice.torn = 4;
    plan.levels[0].one_in = kSlowdown;
    plan.levels[1].choice = plan.levels[0].choice;
    plan.levels[1].choice.data_breaks = 2;
    plan.levels[1].one_in = (deep ? 100 : 400) * kSlowdown;
    if (deep) {
      plan.levels[2] = plan.levels[1];
      plan.levels[2].one_in = 20000;
    }
    return plan;
  }

  FreezerStore boot(norsim::Flash& chip) {
    FreezerStore store(chip, kRegionBase, kFlavour, lfs_);
    store.mount();
    return store;
  }

  void add(FreezerStore& store, const std::string& text) {
    const uint32_t address = store.add_string(text, string_hash(text));
    if (address != 0) {
      life_.there.strings[address] = text;
    }
  }
  void add(FreezerStore& store, const Words& words) {
    const uint32_t address = store.add_function(words);
    if (address != 0) {
      life_.there.functions[address] = words.at(address);
    }
  }

  void live(norsim::Flash& chip) {
    FreezerStore store = boot(chip);
    for (const size_t length : {0, 1, 3, 4, 5, 15, 100, 300}) {
      add(store, std::string(length, 'a'));
      // Many blocks in one bucket, too.
      add(store, Words(std::vector<uint32_t>(length / 2 + 1, static_cast<uint32_t>(length)),
                       {length % 2 == 0}));
    }
    // Words that look like blocks, zeros, blank flash.
    add(store, std::string("\x04\x40\0\0\0\0\0\0\0\0\0\0", 12));
    add(store, Words({0xFFFFFFFF, kStringMark, 0, 0, 0, 0xFFFFFFFF, kFunctionMark, 0, 4, 0,
                      0xFFFFFFFF, 0xFFFFFFFF, 1}));
    add(store, std::string(200, '\xFF'));
    for (int i = 0; store.is_open(); i++) {
      add(store, std::to_string(i) + std::string(700, 'b'));
    }
    life_ = {{}, true};
    FreezerStore again = boot(chip);
    life_.clearing = false;
    add(again, "after");
  }

  std::string judge(norsim::Flash& chip) {
    FreezerStore store = boot(chip);
    chip.watch(nullptr);
    if (!chip.has_power()) {
      return "";
    }
    Region found;
    if (std::string flaw = test::read_region(chip.contents().bytes(), found); !flaw.empty()) {
      return flaw;
    }
    if (found.strings.empty() && found.functions.empty() && last_of_all()) {
      return "";
    }
    for (const auto& [address, text] : life_.there.strings) {
      const auto at = found.strings.find(address);
      if (at == found.strings.end() || at->second != text) {
        return "string lost: " + text;
      }
    }
    for (const auto& [address, words] : life_.there.functions) {
      const auto at = found.functions.find(address);
      if (at == found.functions.end() || at->second != words) {
        return "function lost";
      }
    }
    if (found.strings.size() + found.functions.size() >
        life_.there.strings.size() + life_.there.functions.size() + 1) {
      return "more than was added";
    }
    return use(chip, store, found);
  }

  // The region was full, or is about to be: then it may have been cleared.
  bool last_of_all() const { return life_.clearing || life_.there.strings.size() > 10; }

  std::string use(norsim::Flash& chip, FreezerStore& store, const Region& before) {
    const uint32_t used = store.used();
    for (const auto& [address, text] : before.strings) {
      if (store.add_string(text, string_hash(text)) != address) {
        return "not found again: " + text;
      }
    }
    if (store.used() != used) {
      return "grows";
    }
    const uint32_t added = store.add_string("new", string_hash("new"));
    boot(chip);
    Region after;
    if (std::string flaw = test::read_region(chip.contents().bytes(), after); !flaw.empty()) {
      return "after use: " + flaw;
    }
    if (added != 0 && after.strings[added] != "new") {
      return "added, and not there";
    }
    return "";
  }

  test::Lfs lfs_;
  Life life_;
};

TEST_F(FreezerCuts, KeepWhatWasAddedAndLeaveNothingDangling) {
  norsim::PowerCuts cuts(plan(), [this](norsim::Flash& chip) { return judge(chip); });
  norsim::Flash chip{norsim::Contents(kBytes)};
  chip.watch(&cuts);
  live(chip);
  EXPECT_EQ(life_.there.strings.size(), 1u);
  std::cout << cuts.tallies()[0].tried << " cuts, in the boots behind them "
            << cuts.tallies()[1].tried << " of " << cuts.tallies()[1].found << "\n";
  for (const auto& failure : cuts.failures()) {
    ADD_FAILURE() << norsim::to_string(failure.path) << ": " << failure.what;
  }
}

// A sector with few bits of 0 may look blank in the midst of its erase, and have them again later.
TEST_F(FreezerCuts, LeaveNothingOfWhatWasThereBefore) {
  uint64_t cut = 0;
  for (const uint32_t foreign : {5u, 0x1005u}) {
    norsim::CutPlan plan = this->plan();
    plan.levels[0].one_in = 1;
    plan.levels[0].choice.unstable = 100;
    plan.levels[1].one_in = 20;
    norsim::PowerCuts cuts(plan, [this](norsim::Flash& chip) {
      FreezerStore store = boot(chip);
      if (chip.has_power() && store.add_string("new", string_hash("new")) == 0) {
        return std::string("nothing can be added");
      }
      chip.watch(nullptr);
      Region region;
      return test::read_region(chip.contents().bytes(), region);
    });
    norsim::Contents contents(kBytes);
    const uint8_t bits[] = {0xF8};
    contents.program(foreign, bits);
    norsim::Flash chip{contents};
    chip.watch(&cuts);
    FreezerStore store = boot(chip);
    add(store, "first");
    EXPECT_EQ(life_.there.strings.size(), 1u);
    cut += cuts.tallies()[0].tried;
    for (const auto& failure : cuts.failures()) {
      ADD_FAILURE() << norsim::to_string(failure.path) << ": " << failure.what;
    }
  }
  EXPECT_GT(cut, 50u);
}

}  // namespace
}  // namespace flashstore::luaflash
