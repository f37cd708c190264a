// Power cuts in every program and erase of the workloads, and in the recoveries from them.
//
// Everyday runs take a share of the cuts, the same each time. With FLASHSTORE_DEEP=1 it is every
// cut of the first level, and every one in the recoveries of some workloads.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <sstream>

#include "torture/second_judge.h"

namespace flashstore::torture {
namespace {

// One in so many cuts of the run, of the recoveries from them, ...
using Shares = std::vector<uint32_t>;

struct Case {
  friend void PrintTo(const Case& test, std::ostream* out) { *out << test.workload; }

  std::string workload;
  Shares everyday;
  Shares deep;
  uint32_t part = 0;  // of the cuts of the run
  uint32_t parts = 1;
};

#ifdef FLASHSTORE_SANITIZED
constexpr uint32_t kSlowdown = 10;
#else
constexpr uint32_t kSlowdown = 1;
#endif

std::string share_of(const norsim::PowerCuts::Tally& tally) {
  std::ostringstream text;
  text << tally.tried << " of " << tally.found << " cuts";
  if (tally.found != 0) {
    text << " (" << std::setprecision(3)
         << 100.0 * static_cast<double>(tally.tried) / static_cast<double>(tally.found) << " %)";
  }
  return text.str();
}

class PowerCutSweep : public testing::TestWithParam<Case> {};

TEST_P(PowerCutSweep, LosesNothing) {
  const Case& test = GetParam();
  const bool deep = std::getenv("FLASHSTORE_DEEP") != nullptr;
  const auto workload = workload_by_name(test.workload);
  ASSERT_TRUE(workload.has_value());
  SweepOptions options;
  options.judge = test::judge_again;
  options.use_one_in = deep ? 1 : 4;
  options.plan.part = test.part;
  options.plan.parts = test.parts;
  options.plan.levels.clear();
  for (const uint32_t one_in : deep ? test.deep : test.everyday) {
    options.plan.levels.push_back({.one_in = one_in});
  }
  if (!deep) {
    options.plan.levels.front().one_in *= kSlowdown;
  }
  const SweepResult result = sweep(*workload, options);
  ASSERT_EQ(result.broken, "");
  std::cout << test.workload;
  for (const auto& tally : result.tallies) {
    std::cout << (&tally == &result.tallies.front() ? ": " : ", in recovery ") << share_of(tally);
  }
  std::cout << "; at most " << result.most.read_calls << " reads, " << result.most.program_bytes
            << " bytes programmed, " << result.most.erases << " erases in a recovery\n";
  for (const auto& failure : result.failures) {
    ADD_FAILURE() << failure.id << ": " << failure.what;
  }
  EXPECT_EQ(result.failed, 0u);
  // Of a small share one of several parts may have none.
  EXPECT_TRUE(result.tallies[0].tried > 0 || test.parts > 1);
}

std::vector<Case> cases() {
  std::vector<Case> all;
  const auto add = [&](const std::string& workload, const Shares& everyday, const Shares& deep,
                       uint32_t parts) {
    for (uint32_t part = 0; part < parts; ++part) {
      all.push_back({workload, everyday, deep, part, parts});
    }
  };
  for (const Workload& workload : scripted_workloads()) {
    add(workload.name, {5}, {1}, 1);
  }
  for (const char* small :
       {"seed-3-5-60-1", "seed-3-6-60-2", "seed-4-6-60-1", "seed-4-8-60-2", "seed-5-7-60-1",
        "seed-6-8-60-3", "seed-8-10-60-1", "seed-16-10-60-1"}) {
    add(small, {8}, {1}, 1);
  }
  for (const char* large :
       {"seed-64-20-60-1", "seed-64-20-300-2", "seed-64-40-300-3", "seed-80-6-200-4"}) {
    add(large, {500}, {20}, 1);
  }
  // Here the log wraps, moves its head, or both.
  for (const char* tiny : {"tiny-4-15", "tiny-4-27", "tiny-5-21", "tiny-5-29", "tiny-6-35",
                           "tiny-6-51", "tiny-8-39", "tiny-8-47"}) {
    add(tiny, {40, 15}, {1, 1}, 4);
    add(tiny, {200, 50, 20}, {50, 50, 20}, 1);
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, PowerCutSweep, testing::ValuesIn(cases()), [](const auto& test) {
  std::string name = test.param.workload + "_depth_" + std::to_string(test.param.deep.size());
  if (test.param.parts > 1) {
    name += "_part_" + std::to_string(test.param.part + 1);
  }
  std::ranges::replace(name, '-', '_');
  return name;
});

}  // namespace
}  // namespace flashstore::torture
