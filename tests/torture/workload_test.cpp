#include "torture/workload.h"

#include <gtest/gtest.h>

#include <set>

#include "torture/sweep.h"

namespace flashstore::torture {
namespace {

TEST(Workloads, HaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const Workload& workload : scripted_workloads()) {
    EXPECT_TRUE(names.insert(workload.name).second) << workload.name;
    EXPECT_FALSE(workload.steps.empty());
  }
}

TEST(Workloads, TheSameSeedMakesTheSameSteps) {
  const Workload one = seeded_workload(8, 5, 100, 3);
  const Workload two = seeded_workload(8, 5, 100, 3);
  ASSERT_EQ(one.steps.size(), two.steps.size());
  for (size_t i = 0; i < one.steps.size(); ++i) {
    EXPECT_EQ(one.steps[i].path, two.steps[i].path);
    EXPECT_EQ(one.steps[i].bytes, two.steps[i].bytes);
  }
  EXPECT_NE(one.name, seeded_workload(8, 5, 100, 4).name);
}

TEST(Workloads, NamesFitTheFormat) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    for (const Step& step : seeded_workload(8, 12, 200, seed).steps) {
      EXPECT_LE(step.path.size(), 63u);
    }
  }
}

TEST(MakeBytes, FollowsTheStyle) {
  EXPECT_EQ(make_bytes(Style::kErased, 9, 1), Bytes(9, 0xFF));
  EXPECT_EQ(make_bytes(Style::kZero, 9, 1), Bytes(9, 0));
  EXPECT_NE(make_bytes(Style::kRandom, 9, 1), make_bytes(Style::kRandom, 9, 2));
  for (uint32_t size = 0; size < 100; ++size) {
    for (int style = 0; style < 5; ++style) {
      EXPECT_EQ(make_bytes(static_cast<Style>(style), size, 1).size(), size);
    }
  }
  const Bytes magics = make_bytes(Style::kMagics, 800, 1);
  for (size_t at = 0; at < magics.size(); at += 8) {
    EXPECT_EQ(magics[at + 1], 0x5A) << at;
  }
}

TEST(CutIds, NameAWorkloadAndItsCuts) {
  const auto scripted = parse_id("update@12b5/3a");
  ASSERT_TRUE(scripted.has_value());
  EXPECT_EQ(scripted->workload.name, "update");
  EXPECT_EQ(norsim::to_string(scripted->cuts), "12b5/3a");
  const auto seeded = parse_id("seed-8-5-100-3@1a");
  ASSERT_TRUE(seeded.has_value());
  EXPECT_EQ(seeded->workload.name, "seed-8-5-100-3");
  EXPECT_EQ(seeded->workload.sectors, 8u);
  const auto tiny = parse_id("tiny-4-15@30a");
  ASSERT_TRUE(tiny.has_value());
  EXPECT_EQ(tiny->workload.name, "tiny-4-15");
}

TEST(CutIds, AnythingElseIsRefused) {
  for (const char* id :
       {"", "update", "update@", "@1a", "nothing@1a", "seed-8-5-100@1a", "seed-2-5-100-3@1a",
        "seed-8-5-100-3-4@1a", "seed-8-5-100-x@1a", "seed-8-5-100-3 @1a", "seed-8-0-100-3@1a",
        "seed8-5-100-3@1a", "seed--8-5-100-3@1a", "tiny-4@1a", "tiny-2-5@1a", "tiny-4-15-@1a",
        "update@1a@1a"}) {
    EXPECT_FALSE(parse_id(id).has_value()) << id;
  }
}

}  // namespace
}  // namespace flashstore::torture
