#include "luac/line_map.h"

#include <gtest/gtest.h>

namespace flashstore::luac {
namespace {

using namespace std::string_literals;

// The map of instructions on `lines`, none of them changed afterwards.
std::string map_of(std::initializer_list<uint32_t> lines) {
  LineMapBuilder builder;
  size_t pc = 0;
  for (const uint32_t line : lines) {
    builder.set_line(pc++, line);
  }
  return builder.pack();
}

TEST(LineMap, NoInstructionsGiveAnEmptyMap) {
  EXPECT_EQ(map_of({}), "");
}

TEST(LineMap, TheNextLineNeedsNoDelta) {
  EXPECT_EQ(map_of({1, 1, 2, 3}), "\x02\x01\x01");
}

TEST(LineMap, ASkippedLineIsAPositiveDelta) {
  EXPECT_EQ(map_of({1, 3}), "\x01\x80\x01");
}

TEST(LineMap, AnEarlierLineIsANegativeDelta) {
  EXPECT_EQ(map_of({5, 3}), "\x83\x01\xc2\x01");
}

TEST(LineMap, ADeltaOfSixBitsIsOneByteAndOneMoreTwo) {
  EXPECT_EQ(map_of({1, 1 + 2 + 63}), "\x01\xbf\x01");
  EXPECT_EQ(map_of({1, 1 + 2 + 64}), "\x01\x80\x81\x01");
  EXPECT_EQ(map_of({1, 1 + 2 + 64 * 128}), "\x01\x80\x80\x81\x01");
}

TEST(LineMap, ARunOf127InstructionsIsSplitAt126) {
  LineMapBuilder builder;
  for (size_t pc = 0; pc < 127; ++pc) {
    builder.set_line(pc, 1);
  }
  EXPECT_EQ(builder.pack(), "\x7e\xc0\x01");
}

TEST(LineMap, AChangeToTheSameLineChangesNothing) {
  LineMapBuilder builder;
  builder.set_line(0, 4);
  builder.set_line(0, 4);
  builder.set_line(1, 4);
  EXPECT_EQ(builder.pack(), "\x82\x02");
}

TEST(LineMap, AChangedLastInstructionLeavesItsLinesCount) {
  LineMapBuilder builder;
  builder.set_line(0, 2);
  builder.set_line(1, 2);
  builder.set_line(1, 5);
  EXPECT_EQ(builder.pack(), "\x80\x01\x81\x01");
}

TEST(LineMap, StepsBackToTheLineBeforeWithAnEntryOfItsOwn) {
  LineMapBuilder builder;
  builder.set_line(0, 1);
  builder.set_line(1, 3);
  builder.set_line(1, 1);  // canonical would be a count of 2 on line 1
  EXPECT_EQ(builder.pack(), "\x01\xc0\x01");
}

TEST(LineMap, IsRightAfterAChangeAcrossAWideGap) {
  LineMapBuilder builder;
  builder.set_line(0, 1);
  builder.set_line(1, 100);
  builder.set_line(1, 2);
  builder.set_line(2, 101);
  EXPECT_EQ(builder.pack(), "\x01\x01\xa1\x81\x01"s);
}

}  // namespace
}  // namespace flashstore::luac
