// The sweep itself, on the smallest thing that can survive a cut: a counter kept twice.
#include "norsim/power_cuts.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>

namespace flashstore::norsim {
namespace {

using testing::IsEmpty;

// A number in two sectors: value, its complement, and a seal. One sector is always good.
constexpr uint8_t kSeal = 0x5A;

std::optional<uint8_t> load(Flash& flash, uint32_t sector) {
  std::array<uint8_t, 3> bytes{};
  if (!flash.read(sector, bytes) || bytes[2] != kSeal || (bytes[0] ^ bytes[1]) != 0xFF) {
    return std::nullopt;
  }
  return bytes[0];
}

bool store(Flash& flash, uint32_t sector, uint8_t value) {
  const std::array<uint8_t, 2> number = {value, static_cast<uint8_t>(~value)};
  const std::array<uint8_t, 1> seal = {kSeal};
  return flash.erase(sector) && flash.program(sector, number) && flash.program(sector + 2, seal);
}

// Counts to 3 and tries all cuts; what recovery finds is the old or the new number.
class Counter {
 public:
  explicit Counter(CutPlan plan, bool repair_both = false)
      : cuts_(std::move(plan),
              [this, repair_both](Flash& flash) { return recover(flash, repair_both); }) {}

  // Careless: over the only number there is.
  PowerCuts& run(bool careless = false) {
    Flash flash(Contents(8192));
    store(flash, 0, 0);
    flash.watch(&cuts_);
    for (number_ = 0; number_ < 3; ++number_) {
      store(flash, number_ % 2 == 0 && !careless ? 4096 : 0, static_cast<uint8_t>(number_ + 1));
    }
    return cuts_;
  }

 private:
  std::string recover(Flash& flash, bool repair_both) {
    const auto one = load(flash, 0);
    const auto two = load(flash, 4096);
    if (!one && !two) {
      return "both lost";
    }
    const uint8_t found = one && two ? std::max(*one, *two) : one ? *one : *two;
    if (found != number_ && found != number_ + 1) {
      return "neither old nor new";
    }
    if (repair_both && (!store(flash, 0, found) || !store(flash, 4096, found))) {
      return "";
    }
    flash.watch(nullptr);
    return flash.erase(0) ? "" : "no longer usable";
  }

  int number_ = 0;
  PowerCuts cuts_;
};

TEST(PowerCuts, ARunThatHoldsItsPromiseHasNoFailures) {
  Counter counter({});
  const PowerCuts& cuts = counter.run();
  EXPECT_THAT(cuts.failures(), IsEmpty());
  EXPECT_GT(cuts.tallies()[0].tried, 300u);
  EXPECT_EQ(cuts.tallies()[0].tried, cuts.tallies()[0].found);
}

TEST(PowerCuts, OnlyTheLevelsOfThePlanAreTried) {
  Counter counter({.levels = {{}, {}}}, true);
  const PowerCuts& cuts = counter.run();
  EXPECT_GT(cuts.tallies()[1].tried, cuts.tallies()[0].tried);
  EXPECT_EQ(cuts.tallies().size(), 2u);
}

TEST(PowerCuts, ACutThatOnlyRecoveryCannotSurviveIsFoundWithItsPath) {
  // While the first sector is rewritten the second may hold an unfinished number.
  Counter counter({.levels = {{}, {}}}, true);
  const PowerCuts& cuts = counter.run();
  ASSERT_GT(cuts.failed(), 0u);
  for (const auto& failure : cuts.failures()) {
    EXPECT_EQ(failure.path.size(), 2u) << to_string(failure.path);
    EXPECT_EQ(failure.what, "both lost");
  }
}

TEST(PowerCuts, AFailureComesAgainFromItsId) {
  Counter torn({});
  const PowerCuts& all = torn.run(true);
  ASSERT_GT(all.failed(), 0u);
  const std::string id = to_string(all.failures().front().path);
  Counter again({.only = parse_cuts(id).value()});
  const PowerCuts& one = again.run(true);
  ASSERT_EQ(one.failures().size(), 1u);
  EXPECT_EQ(to_string(one.failures()[0].path), id);
  EXPECT_EQ(one.tallies()[0].tried, 1u);
}

TEST(PowerCuts, ANestedFailureComesAgainFromItsId) {
  Counter counter({.levels = {{}, {}}}, true);
  const std::string id = to_string(counter.run().failures().front().path);
  Counter again({.only = parse_cuts(id).value()}, true);
  const PowerCuts& one = again.run();
  ASSERT_EQ(one.failures().size(), 1u);
  EXPECT_EQ(to_string(one.failures()[0].path), id);
}

TEST(PowerCuts, PartsTogetherAreTheWholeWithAllThatFollows) {
  std::array<uint64_t, 2> tried{};
  for (uint32_t part = 0; part < 3; ++part) {
    Counter counter({.levels = {{}, {.one_in = 10}}, .part = part, .parts = 3}, true);
    const auto& tallies = counter.run().tallies();
    EXPECT_GT(tallies[0].tried, 50u);
    tried[0] += tallies[0].tried;
    tried[1] += tallies[1].tried;
  }
  Counter counter({.levels = {{}, {.one_in = 10}}}, true);
  const auto& tallies = counter.run().tallies();
  EXPECT_EQ(tried[0], tallies[0].tried);
  EXPECT_EQ(tried[1], tallies[1].tried);
}

TEST(PowerCuts, AShareIsTriedAndTheRestCounted) {
  Counter counter({.levels = {{.one_in = 10}}});
  const auto tally = counter.run().tallies()[0];
  EXPECT_GT(tally.tried, tally.found / 20);
  EXPECT_LT(tally.tried, tally.found / 5);
}

TEST(PowerCuts, AShareIsTakenEvenlyFromAllOperations) {
  PowerCuts cuts({.levels = {{.choice = {.torn = 0, .pages = 0}, .one_in = 4}}},
                 [](Flash&) { return "tried"; });
  Flash flash(Contents(8192));
  flash.watch(&cuts);
  for (uint32_t i = 0; i < 20; ++i) {
    flash.program(100 * i, std::vector<uint8_t>(100, 0));
  }
  std::map<uint32_t, int> tried;
  for (const auto& failure : cuts.failures()) {
    ++tried[failure.path[0].operation];
  }
  for (uint32_t i = 0; i < 3; ++i) {  // as many as are kept
    EXPECT_GT(tried[i], 12) << i;
    EXPECT_LT(tried[i], 40) << i;
  }
}

TEST(PowerCuts, AViolationInRecoveryIsAFailure) {
  PowerCuts cuts({}, [](Flash& flash) -> std::string {
    flash.erase(1);
    return "";
  });
  Flash flash(Contents(8192));
  flash.watch(&cuts);
  flash.erase(0);
  ASSERT_FALSE(cuts.failures().empty());
  EXPECT_EQ(cuts.failures()[0].what, "erase at 0x1, where no sector begins");
}

}  // namespace
}  // namespace flashstore::norsim
