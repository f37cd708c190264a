#include "image/diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "image/built_images.h"

namespace flashstore::image {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// What changed among modules and functions, one line each: "grown a > f (1): +8".
std::vector<std::string> changes(const std::vector<Source>& before,
                                 const std::vector<Source>& after) {
  const Attribution old = attribution_of(build(before));
  const Attribution now = attribution_of(build(after));
  std::vector<std::string> lines;
  for (const Match& match : compare(old, now)) {
    const bool removed = match.after == kNoOwner;
    const Attribution& image = removed ? old : now;
    const uint32_t owner = removed ? match.before : match.after;
    const OwnerType type = image.owners[owner].type;
    if (match.change == Change::kSame ||
        (type != OwnerType::kModule && type != OwnerType::kFunction)) {
      continue;
    }
    const auto grown = static_cast<int64_t>(match.after_bytes - match.before_bytes);
    lines.push_back(std::string(name(match.change)) + " " + path(image, owner) + ": " +
                    (grown < 0 ? "" : "+") + std::to_string(grown));
  }
  return lines;
}

constexpr const char* kTwo = "function f() return 1 end\nfunction g() return x end\n";

TEST(Diff, OfAnImageWithItselfIsNothing) {
  EXPECT_THAT(changes({{"a.lua", kTwo}}, {{"a.lua", kTwo}}), IsEmpty());
}

TEST(Diff, FunctionsThatOnlyMoveAreTheSame) {
  EXPECT_THAT(changes({{"a.lua", kTwo}}, {{"a.lua", std::string("\n\n") + kTwo}}), IsEmpty());
}

TEST(Diff, AModuleMoreIsAddedWithItsFunctions) {
  EXPECT_THAT(changes({{"a.lua", ""}}, {{"a.lua", ""}, {"b.lua", "return 1"}}),
              ElementsAre("added b: +140", "added b > main chunk: +140"));
}

TEST(Diff, AModuleLessIsRemovedWithItsFunctions) {
  EXPECT_THAT(
      changes({{"b.lua", "return 1"}, {"a.lua", "x = 1"}}, {{"a.lua", "x = 1"}}),
      ElementsAre("grown a: +20",  // it shared the line map with the other
                  "grown a > main chunk: +20", "removed b: -120", "removed b > main chunk: -120"));
}

TEST(Diff, FunctionsGrowAndShrinkByThemselves) {
  EXPECT_THAT(
      changes({{"a.lua", "function f() return function() return 1, 2 end end"}},
              {{"a.lua", "function f() return function() return 1 end, 7 end"}}),
      ElementsAre("changed a: +0", "grown a > f (1): +36", "shrunk a > f (1) > function (1): -36"));
}

TEST(Diff, TheSameSizeMayDoSomethingElse) {
  EXPECT_THAT(
      changes({{"a.lua", "function f() return 1 end"}}, {{"a.lua", "function f() return 2 end"}}),
      ElementsAre("changed a: +0", "changed a > f (1): +0"));
  EXPECT_THAT(changes({{"a.lua", "function f() return 'abc' end"}},
                      {{"a.lua", "function f() return 'abd' end"}}),
              ElementsAre("changed a: +0", "changed a > f (1): +0"));
  EXPECT_THAT(changes({{"a.lua", "function f() return true end"}},
                      {{"a.lua", "function f() return false end"}}),
              ElementsAre("changed a: +0", "changed a > f (1): +0"));
}

TEST(Diff, FunctionsWithoutNameAreToldApartByWhatTheyDo) {
  EXPECT_THAT(changes({{"a.lua",
                        "p(function() return 1, 2 end)\n"
                        "p(function() return 3 end)"}},
                      {{"a.lua",
                        "p(function() return 7, 8, 9 end)\n"
                        "p(function() return 1, 2 end)\n"
                        "p(function() return 3 end)"}}),
              testing::Contains(testing::StartsWith("added a > function (1)")));
}

TEST(Diff, FunctionsOfTheSameNameAreTakenInTheirOrder) {
  EXPECT_THAT(changes({{"a.lua", "function f() return 1 end function f() return 2 end"}},
                      {{"a.lua", "function f() return 1 end function f() return 3, 4 end"}}),
              ElementsAre("grown a: +36",
                          "grown a > f (1): +20",  // the line map both had is now its own
                          "grown a > f (1): +36"));
}

TEST(Diff, ModulesOfTheSameNameAreTakenInTheirOrder) {
  EXPECT_THAT(changes({{"x/a.lua", "return 1"}, {"y/a.lua", "return 2"}},
                      {{"x/a.lua", "return 1"}, {"y/a.lua", "return 3"}}),
              ElementsAre("changed a: +0", "changed a > main chunk: +0"));
}

TEST(Diff, BuildTimesAreTheMasters) {
  const Attribution old = attribution_of(build({{"a.lua", ""}}, 1));
  const Attribution now = attribution_of(build({{"a.lua", ""}}, 2));
  for (const Match& match : compare(old, now)) {
    EXPECT_EQ(match.change, now.owners[match.after].type == OwnerType::kMaster ? Change::kChanged
                                                                               : Change::kSame);
  }
}

TEST(Diff, AddsUpToTheDifferenceOfThePayloads) {
  const Attribution old = attribution_of(build({{"a.lua", kTwo}, {"b.lua", "return 'x'"}}));
  const Attribution now = attribution_of(
      build({{"b.lua", "return 'x', 'y'"}, {"c.lua", kTwo}, {"d.lua", "return 'x', 5"}}));
  uint64_t before = 0;
  uint64_t after = 0;
  std::vector<int> seen_before(old.owners.size());
  std::vector<int> seen_after(now.owners.size());
  for (const Match& match : compare(old, now)) {
    const Owner& owner =
        match.after != kNoOwner ? now.owners[match.after] : old.owners[match.before];
    if (owner.type != OwnerType::kModule) {
      before += match.before_bytes;
      after += match.after_bytes;
    } else {
      before += match.before != kNoOwner ? old.owners[match.before].bytes : 0;
      after += match.after != kNoOwner ? now.owners[match.after].bytes : 0;
    }
    if (match.before != kNoOwner) {
      ++seen_before[match.before];
    }
    if (match.after != kNoOwner) {
      ++seen_after[match.after];
    }
  }
  EXPECT_EQ(before, old.payload_bytes);
  EXPECT_EQ(after, now.payload_bytes);
  EXPECT_THAT(seen_before, testing::Each(1));
  EXPECT_THAT(seen_after, testing::Each(1));
}

}  // namespace
}  // namespace flashstore::image
