// Power cuts in every program and erase of the workloads, and in the recoveries from them.
//
// Each test is one part of one workload. Everyday runs take a share of the cuts, the same each
// time; with FLASHSTORE_DEEP=1 it is all of the first level, and of the deeper ones what is said
// below.
#include <gtest/gtest.h>

#include <cstdlib>

#include "torture/second_judge.h"

namespace flashstore::torture {
namespace {

// One in so many cuts of each level is tried; 0 ends the levels.
struct Shares {
  uint32_t one_in[3];
};

struct Case {
  std::string workload;
  Shares everyday;
  Shares deep;
  uint32_t part = 0;
  uint32_t parts = 1;
};

std::string percent(const norsim::PowerCuts::Tally& tally) {
  const double share = tally.found == 0 ? 100
                                        : 100.0 * static_cast<double>(tally.tried) /
                                              static_cast<double>(tally.found);
  return std::to_string(tally.tried) + " of " + std::to_string(tally.found) + " cuts (" +
         std::to_string(share) + " %)";
}

class PowerCutSweep : public testing::TestWithParam<Case> {};

TEST_P(PowerCutSweep, LosesNothing) {
  const Case& test = GetParam();
  const bool deep = std::getenv("FLASHSTORE_DEEP") != nullptr;
  const auto id = parse_id(test.workload + "@0b0");
  ASSERT_TRUE(id.has_value());
  SweepOptions options;
  options.judge = test::judge_again;
  options.use_one_in = deep ? 1 : 4;
  options.plan.part = test.part;
  options.plan.parts = test.parts;
  options.plan.levels.clear();
  for (const uint32_t one_in : (deep ? test.deep : test.everyday).one_in) {
    if (one_in != 0) {
      options.plan.levels.push_back({.one_in = one_in});
    }
  }
  const SweepResult result = sweep(id->workload, options);
  ASSERT_EQ(result.broken, "");
  std::string line;
  for (const auto& tally : result.tallies) {
    line += (line.empty() ? "" : ", in recovery ") + percent(tally);
  }
  std::printf("%s: %s; a recovery took at most %llu reads, %llu bytes programmed, %llu erases\n",
              test.workload.c_str(), line.c_str(),
              static_cast<unsigned long long>(result.most.read_calls),
              static_cast<unsigned long long>(result.most.program_bytes),
              static_cast<unsigned long long>(result.most.erases));
  for (const auto& failure : result.failures) {
    ADD_FAILURE() << failure.id << ": " << failure.what;
  }
  EXPECT_EQ(result.failed, 0u);
  EXPECT_GT(result.tallies[0].tried, 0u);
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const Workload& workload : scripted_workloads()) {
    all.push_back({workload.name, {{20, 0, 0}}, {{1, 0, 0}}});
  }
  for (const uint32_t sectors : {3, 4, 6, 8, 16, 64}) {
    for (const uint64_t seed : {1, 2}) {
      all.push_back({"seed-" + std::to_string(sectors) + "-" + std::to_string(sectors + 2) +
                         "-60-" + std::to_string(seed),
                     {{20, 0, 0}},
                     {{1, 0, 0}}});
    }
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, PowerCutSweep, testing::ValuesIn(cases()), [](const auto& test) {
  std::string name = test.param.workload + "_" + std::to_string(test.param.part + 1);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace flashstore::torture
