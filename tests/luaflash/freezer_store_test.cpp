#include "luaflash/freezer_store.h"

#include <gtest/gtest.h>

#include <optional>

#include "luaflash/freezer_region.h"
#include "luaflash/string_hash.h"
#include "norsim/flash.h"
#include "norsim/random.h"

namespace flashstore::luaflash {
namespace {

using test::kFlavour;
using test::kRegionBase;
using test::Region;
using test::Words;

class Freezer : public testing::Test {
 protected:
  FreezerMount mount(uint32_t base = kRegionBase, uint32_t flavour = kFlavour) {
    store_.emplace(chip_, base, flavour, lfs_);
    return store_->mount();
  }
  uint32_t add(std::string_view text) { return store_->add_string(text, string_hash(text)); }
  Region region() const {
    Region region;
    EXPECT_EQ(test::read_region(chip_.contents().bytes(), region), "");
    return region;
  }

  norsim::Flash chip_{norsim::Contents(0x10000)};
  test::Lfs lfs_;
  std::optional<FreezerStore> store_;
};

TEST_F(Freezer, MountingABlankRegionChangesNothing) {
  EXPECT_EQ(mount(), FreezerMount::kBlank);
  EXPECT_EQ(chip_.counters().program_calls, 0u);
  EXPECT_EQ(chip_.counters().erases, 0u);
  EXPECT_TRUE(store_->is_open());
  EXPECT_EQ(store_->used(), 0u);
}

TEST_F(Freezer, KeepsStringsAndFunctionsOverBoots) {
  mount();
  const uint32_t hello = add("hello");
  const Words function({7, 8, 16, 4711}, {false, false, true, false});
  const uint32_t address = store_->add_function(function);
  EXPECT_EQ(add(""), address + 16);
  EXPECT_EQ(region().strings.at(hello), "hello");
  EXPECT_EQ(region().functions.at(address), function.at(address));
  EXPECT_EQ(mount(), FreezerMount::kReady);
  EXPECT_EQ(region().strings.size(), 2u);
}

TEST_F(Freezer, AddsNothingTwice) {
  mount();
  const Words one({1, 8, 5}, {false, true, false});
  const Words other({1, 8, 6}, {false, true, false});
  const uint32_t text = add("a text");
  const uint32_t first = store_->add_function(one);
  const uint32_t second = store_->add_function(other);
  const uint32_t used = store_->used();
  for (int boot = 0; boot < 2; boot++) {
    EXPECT_EQ(add("a text"), text);
    EXPECT_EQ(store_->add_function(one), first);
    EXPECT_EQ(store_->add_function(other), second);
    EXPECT_EQ(store_->used(), used);
    mount();
  }
  EXPECT_NE(first, second);
}

TEST_F(Freezer, TellsStringsOfOneHashApart) {
  mount();
  const uint32_t one = store_->add_string("one", 5);
  const uint32_t two = store_->add_string("two", 5);
  const uint32_t three = store_->add_string("three", 5 + kFreezerStringSlots);
  EXPECT_NE(one, two);
  EXPECT_EQ(store_->add_string("one", 5), one);
  EXPECT_EQ(store_->add_string("two", 5), two);
  EXPECT_EQ(store_->add_string("three", 5 + kFreezerStringSlots), three);
}

TEST_F(Freezer, FullKeepsWhatIsThereAndIsClearedByTheNextBoot) {
  mount();
  const uint32_t kept = add("kept");
  int added = 0;
  while (add(std::string(1000, 'x') + std::to_string(added)) != 0) {
    added++;
  }
  EXPECT_GT(added, 60);
  EXPECT_FALSE(store_->is_open());
  EXPECT_EQ(add("kept"), kept);
  EXPECT_EQ(add("more"), 0u);
  EXPECT_EQ(mount(), FreezerMount::kCleared);
  EXPECT_EQ(region().strings.size(), 0u);
  EXPECT_NE(add("more"), 0u);
}

TEST_F(Freezer, WhatCanNeverFitIsAFullRegion) {
  mount();
  EXPECT_EQ(add(std::string(0x10000, 'x')), 0u);
  EXPECT_EQ(add(std::string(0xFFF0, 'x')), 0u);
}

TEST_F(Freezer, ServesOneFirmwareAtOnePlaceBesideOneImage) {
  const auto cleared_by = [&](auto change) {
    mount();
    add("text");
    EXPECT_EQ(mount(), FreezerMount::kReady);
    return change() == FreezerMount::kCleared;
  };
  EXPECT_TRUE(cleared_by([&] { return mount(kRegionBase - 0x10000); }));
  EXPECT_TRUE(cleared_by([&] { return mount(kRegionBase, kSignatureInt); }));
  EXPECT_TRUE(cleared_by([&] {
    lfs_.value++;
    return mount();
  }));
  EXPECT_TRUE(cleared_by([&] {
    store_->clear_at_next_boot();
    return mount();
  }));
}

TEST_F(Freezer, ClearsWhatIsNotItsOwn) {
  const uint8_t junk[] = {0x12};
  chip_.program(5, junk);
  EXPECT_EQ(mount(), FreezerMount::kCleared);
  EXPECT_TRUE(chip_.contents().is_blank(0));
  chip_.program(0x8000, junk);  // seen when it matters
  EXPECT_EQ(mount(), FreezerMount::kBlank);
  EXPECT_NE(add("text"), 0u);
  EXPECT_TRUE(chip_.contents().is_blank(0x8000));
}

// An erase that was interrupted may leave bits that are read as 1 for the time being.
TEST_F(Freezer, ErasesASectorThatOnlyLooksBlank) {
  for (uint64_t seed = 0; seed < 16; seed++) {
    norsim::Contents contents(0x10000);
    const uint8_t bit[] = {0xFE};
    contents.program(0x600, bit);
    contents.make_unstable(0x600, 1, seed);
    norsim::Flash chip(contents);
    FreezerStore store(chip, kRegionBase, kFlavour, lfs_);
    store.mount();
    EXPECT_NE(store.add_string("text", 1), 0u);
    EXPECT_EQ(chip.contents().at(0x600), 0xFF);
  }
}

TEST_F(Freezer, ReadsNothingThatIsBlankTwice) {
  mount();
  for (int i = 0; i < 1000; i++) {
    add("string number " + std::to_string(i));
  }
  chip_.reset_counters();
  mount();
  EXPECT_LT(chip_.counters().read_bytes, 2 * store_->size());
  EXPECT_EQ(chip_.counters().program_calls, 0u);
}

// Whatever a region holds: a boot ends, breaks no rule of the flash, and after it, or after one
// more, something can be added.
TEST_F(Freezer, DamageIsSurvived) {
  mount();
  for (int i = 0; i < 300; i++) {
    add("string number " + std::to_string(i));
    store_->add_function(Words({static_cast<uint32_t>(i), 8, 5}, {false, true, false}));
  }
  std::vector<uint8_t> good = chip_.contents().bytes();
  uint64_t seed = 1;
  for (int round = 0; round < 4000; round++) {
    std::vector<uint8_t> bytes = good;
    const uint32_t flaws = 1 + norsim::random_below(seed, 8);
    for (uint32_t flaw = 0; flaw < flaws; flaw++) {
      const uint32_t among = norsim::random_below(seed, 2) == 0 ? kFreezerFirstBlock : 0x8000;
      bytes[norsim::random_below(seed, among)] = static_cast<uint8_t>(norsim::next_random(seed));
    }
    norsim::Flash chip(norsim::Contents::over(bytes));
    chip.set_budget({.read_calls = 2'000'000, .erases = 100});
    bool is_added = false;
    for (int boot = 0; boot < 3 && !is_added; boot++) {
      FreezerStore store(chip, kRegionBase, kFlavour, lfs_);
      EXPECT_NE(store.mount(), FreezerMount::kFailed);
      store.add_string("string number 7", string_hash("string number 7"));
      const std::string text = "new " + std::to_string(round);
      is_added = store.add_string(text, string_hash(text)) != 0;
    }
    EXPECT_TRUE(is_added) << round;
  }
}

TEST_F(Freezer, WithoutPowerNothingIsAdded) {
  mount();
  add("there");
  chip_.cut_at({.operation = 6});
  EXPECT_EQ(add("one") == 0 || add("two") == 0 || add("three") == 0, true);
  EXPECT_EQ(add("there"), 0u);
  EXPECT_FALSE(store_->is_open());
  EXPECT_EQ(mount(), FreezerMount::kFailed);
}

}  // namespace
}  // namespace flashstore::luaflash
