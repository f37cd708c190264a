#include "norsim/flash.h"

#include <gmock/gmock.h>

namespace flashstore::norsim {
namespace {

using testing::ElementsAre;
using Rule = Violation::Rule;

const std::vector<uint8_t> kBytes = {0xA5, 0x5A, 0xFE};

std::vector<uint8_t> read(Flash& flash, uint32_t address, size_t count) {
  std::vector<uint8_t> bytes(count);
  EXPECT_TRUE(flash.read(address, bytes));
  return bytes;
}

template <class Mistake>
void expect_violation(Rule rule, const std::string& what, Mistake mistake) {
  try {
    mistake();
    ADD_FAILURE() << "no violation: " << what;
  } catch (const Violation& violation) {
    EXPECT_EQ(violation.rule(), rule);
    EXPECT_EQ(violation.what(), what);
  }
}

TEST(Flash, ProgramsAndErases) {
  Flash flash(Contents(8192));
  EXPECT_TRUE(flash.program(4095, kBytes));
  EXPECT_EQ(read(flash, 4095, 3), kBytes);
  EXPECT_TRUE(flash.erase(4096));
  EXPECT_THAT(read(flash, 4095, 3), ElementsAre(0xA5, 0xFF, 0xFF));
}

TEST(Flash, TurningABitFrom0To1IsAViolation) {
  Flash flash(Contents(4096));
  const std::vector<uint8_t> first = {0x00, 0xF0};
  const std::vector<uint8_t> second = {0x00, 0xF1};
  ASSERT_TRUE(flash.program(8, first));
  EXPECT_TRUE(flash.program(8, first)) << "the same again changes nothing";
  expect_violation(Rule::kSetBit, "program of 0xf1 over 0xf0 at 0x9 would turn bits from 0 to 1",
                   [&] { flash.program(8, second); });
  EXPECT_EQ(read(flash, 8, 2), first);
  EXPECT_EQ(flash.counters().program_calls, 2u);
}

TEST(Flash, ReachingBeyondTheEndIsAViolation) {
  Flash flash(Contents(8192));
  std::vector<uint8_t> two(2);
  expect_violation(Rule::kRange, "read of 2 bytes at 0x1fff of a chip of 0x2000",
                   [&] { flash.read(8191, two); });
  expect_violation(Rule::kRange, "program of 2 bytes at 0xffffffff of a chip of 0x2000",
                   [&] { flash.program(UINT32_MAX, two); });
  expect_violation(Rule::kRange, "erase of 4096 bytes at 0x2000 of a chip of 0x2000",
                   [&] { flash.erase(8192); });
  EXPECT_TRUE(flash.read(8190, two));
}

TEST(Flash, ErasingFromTheMiddleOfASectorIsAViolation) {
  Flash flash(Contents(8192));
  expect_violation(Rule::kSector, "erase at 0x8, where no sector begins", [&] { flash.erase(8); });
}

TEST(Flash, BitsThatAreNotSureToBe0MayBeLeftAsTheyAre) {
  Contents contents(4096);
  contents.program(0, std::vector<uint8_t>{0});
  contents.make_unstable(0, 0x0F, 1);
  Flash flash(contents);
  const std::vector<uint8_t> allowed = {0x0E};
  const std::vector<uint8_t> forbidden = {0x1E};
  EXPECT_TRUE(flash.program(0, allowed));
  EXPECT_THROW(flash.program(0, forbidden), Violation);
}

TEST(Flash, CountsCallsBytesAndErases) {
  Flash flash(Contents(8192));
  flash.program(0, kBytes);
  read(flash, 0, 10);
  read(flash, 0, 20);
  flash.erase(0);
  flash.erase(0);
  flash.erase(4096);
  const Counters& counters = flash.counters();
  EXPECT_EQ(counters.read_calls, 2u);
  EXPECT_EQ(counters.read_bytes, 30u);
  EXPECT_EQ(counters.program_calls, 1u);
  EXPECT_EQ(counters.program_bytes, 3u);
  EXPECT_EQ(counters.erases, 3u);
  EXPECT_EQ(counters.erases_of_blank, 2u);
  EXPECT_THAT(counters.sector_erases, ElementsAre(2, 1));
  flash.reset_counters();
  EXPECT_EQ(flash.counters().erases, 0u);
  EXPECT_THAT(flash.counters().sector_erases, ElementsAre(0, 0));
}

TEST(Flash, MoreTrafficThanAllowedIsAViolation) {
  Flash flash(Contents(8192));
  flash.set_budget({.read_calls = 1, .program_bytes = 3, .erases = 1});
  read(flash, 0, 1);
  EXPECT_THROW(read(flash, 0, 1), Violation);
  flash.reset_counters();
  flash.program(0, kBytes);
  expect_violation(Rule::kBudget,
                   "more traffic than allowed: 0 reads of 0 bytes, 6 bytes programmed, 0 erases",
                   [&] { flash.program(8, kBytes); });
  EXPECT_EQ(flash.contents().at(8), 0xFF);
  flash.reset_counters();
  flash.erase(0);
  EXPECT_THROW(flash.erase(0), Violation);
}

TEST(Flash, AfterACutNothingWorksUntilThePowerReturns) {
  Flash flash(Contents(8192));
  flash.cut_at({1, Cut::Where::kBefore, 2, 0});
  EXPECT_TRUE(flash.program(0, kBytes));
  EXPECT_FALSE(flash.program(100, kBytes));
  EXPECT_FALSE(flash.has_power());
  std::vector<uint8_t> bytes(3);
  EXPECT_FALSE(flash.read(0, bytes));
  EXPECT_FALSE(flash.program(200, kBytes));
  EXPECT_FALSE(flash.erase(0));

  Flash again(flash.contents());
  EXPECT_EQ(read(again, 0, 3), kBytes);
  EXPECT_THAT(read(again, 100, 3), ElementsAre(0xA5, 0x5A, 0xFF));
  EXPECT_THAT(read(again, 200, 1), ElementsAre(0xFF));
}

TEST(Flash, OnlyProgramsAndErasesCountForTheNumberOfACut) {
  Flash flash(Contents(8192));
  flash.cut_at({1, Cut::Where::kAfter, 0, 0});
  EXPECT_TRUE(flash.program(0, kBytes));
  read(flash, 0, 1);
  EXPECT_FALSE(flash.erase(0));
  EXPECT_TRUE(flash.contents().is_blank(0));
}

TEST(Flash, AnUnfinishedEraseReadsDifferentlyUntilErasedAgain) {
  Flash used(Contents(4096));
  used.program(0, std::vector<uint8_t>(4096, 0));
  used.cut_at({1, Cut::Where::kUnstable, 0, 3});
  EXPECT_FALSE(used.erase(0));
  Flash flash(used.contents());
  EXPECT_NE(read(flash, 0, 4096), read(flash, 0, 4096));
  EXPECT_TRUE(flash.erase(0));
  EXPECT_EQ(read(flash, 0, 4096), std::vector<uint8_t>(4096, 0xFF));
}

TEST(Flash, TheLogHoldsEveryOperation) {
  Flash flash(Contents(8192));
  OperationLog log;
  flash.watch(&log);
  flash.program(0x10, kBytes);
  flash.erase(4096);
  flash.program(0x100, std::vector<uint8_t>(17, 0x0A));
  flash.watch(nullptr);
  flash.erase(0);
  ASSERT_EQ(log.entries().size(), 3u);
  EXPECT_EQ(to_string(log.entries()[0]), "program 0x10: a5 5a fe");
  EXPECT_EQ(to_string(log.entries()[1]), "erase 0x1000");
  EXPECT_EQ(to_string(log.entries()[2]),
            "program 0x100: 0a 0a 0a 0a 0a 0a 0a 0a 0a 0a 0a 0a 0a 0a 0a 0a ... (17 bytes)");
}

}  // namespace
}  // namespace flashstore::norsim
