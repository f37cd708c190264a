#include "norsim/cut.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace flashstore::norsim {
namespace {

using testing::Each;
using testing::ElementsAre;
using Where = Cut::Where;

Operation program_of(uint32_t address, std::span<const uint8_t> bytes) {
  return {.kind = Operation::Kind::kProgram, .address = address, .bytes = bytes};
}

constexpr Operation kErase = {.kind = Operation::Kind::kErase, .address = 0, .bytes = {}};

std::vector<uint8_t> after(const Operation& operation, const char* id, Contents contents) {
  perform_cut(contents, operation, parse_cuts(id).value().front());
  return contents.bytes();
}

TEST(CutId, IsReadAsItWasPrinted) {
  const CutPath path = {{12, Where::kBefore, 5, 0},  {0, Where::kTorn, 7, 0x3C},
                        {1, Where::kPage, 2, 0xABC}, {4000000000u, Where::kUnstable, 0, 0xFFFFFFFF},
                        {3, Where::kFront, 0, 0},    {3, Where::kRear, 0, 0},
                        {3, Where::kZeroed, 0, 0},   {3, Where::kAfter, 0, 0}};
  EXPECT_EQ(to_string(path), "12b5/0t7.3c/1p2.abc/4000000000uffffffff/3f/3r/3z/3a");
  EXPECT_EQ(parse_cuts(to_string(path)), path);
}

TEST(CutId, AnythingElseIsRefused) {
  for (const char* id : {"",       "/",    "b",    "1",    "1b",    "1b5/",         "/1b5",
                         "1b5 ",   " 1b5", "1b05", "01b5", "1b5.1", "1t5",          "1t5.",
                         "1t5.3C", "1x",   "1f0",  "1u",   "-1b5",  "4294967296b0", "1p1:2"}) {
    EXPECT_EQ(parse_cuts(id), std::nullopt) << '"' << id << '"';
  }
}

TEST(Cut, BeforeAByteTheBytesInFrontOfItAreDone) {
  const std::vector<uint8_t> bytes = {1, 2, 3};
  const auto left = after(program_of(10, bytes), "0b2", Contents(4096));
  EXPECT_THAT(std::vector(left.begin() + 10, left.begin() + 14), ElementsAre(1, 2, 0xFF, 0xFF));
}

TEST(Cut, ATornByteHasOnlySomeBitsDone) {
  const std::vector<uint8_t> bytes = {1, 0x0F, 3};
  const auto left = after(program_of(10, bytes), "0t1.30", Contents(4096));
  EXPECT_THAT(std::vector(left.begin() + 10, left.begin() + 14), ElementsAre(1, 0xCF, 0xFF, 0xFF));
}

TEST(Cut, ThePagesBeforeAreDoneAndTheOnesBehindNot) {
  // From 200 the chip's pages are 56, 256 and 88 bytes of this.
  const std::vector<uint8_t> bytes(400, 0);
  const auto left = after(program_of(200, bytes), "0p1.1", Contents(4096));
  EXPECT_THAT(std::vector(left.begin() + 200, left.begin() + 256), Each(0));
  EXPECT_THAT(std::vector(left.begin() + 512, left.end()), Each(0xFF));
  const std::set<uint8_t> page(left.begin() + 256, left.begin() + 512);
  EXPECT_TRUE(page.contains(0) && page.contains(0xFF) && page.size() > 2) << "whole, none, torn";
  EXPECT_NE(left, after(program_of(200, bytes), "0p1.2", Contents(4096)));
}

TEST(Cut, AnEraseLeavesEachOfItsStates) {
  Contents used(8192);
  used.program(0, std::vector<uint8_t>(8192, 0x5A));
  const auto sector = [&](const char* id) {
    auto left = after(kErase, id, used);
    EXPECT_THAT(std::vector(left.begin() + 4096, left.end()), Each(0x5A)) << "the next sector";
    left.resize(4096);
    return left;
  };
  EXPECT_THAT(sector("0b0"), Each(0x5A));
  EXPECT_THAT(sector("0a"), Each(0xFF));
  EXPECT_THAT(sector("0z"), Each(0));
  const auto front = sector("0f");
  EXPECT_THAT(std::vector(front.begin(), front.begin() + 2048), Each(0xFF));
  EXPECT_THAT(std::vector(front.begin() + 2048, front.end()), Each(0x5A));
  const auto rear = sector("0r");
  EXPECT_THAT(std::vector(rear.begin(), rear.begin() + 2048), Each(0x5A));
  EXPECT_THAT(std::vector(rear.begin() + 2048, rear.end()), Each(0xFF));
}

TEST(Cut, AHalfErasedSectorIsPartlyErasedPartlyAsItWasPartlyUnstable) {
  Contents contents(4096);
  contents.program(0, std::vector<uint8_t>(4096, 0));
  perform_cut(contents, kErase, {0, Where::kUnstable, 0, 9});
  uint8_t erased = 0;
  uint8_t unstable = 0;
  uint8_t as_it_was = 0;
  for (uint32_t i = 0; i < 4096; ++i) {
    erased |= contents.at(i);
    unstable |= contents.unstable_bits(i);
    as_it_was |= static_cast<uint8_t>(~(contents.at(i) | contents.unstable_bits(i)));
    ASSERT_EQ(contents.at(i) & contents.unstable_bits(i), 0);
  }
  EXPECT_THAT((std::vector{erased, unstable, as_it_was}), Each(0xFF));
}

TEST(Cut, OneThatDoesNotFitTheOperationIsRefused) {
  const std::vector<uint8_t> bytes = {1, 2, 3};
  for (const char* id : {"0b3", "0t3.1", "0p1.1", "0t0.100", "0f", "0r", "0z", "0u1"}) {
    EXPECT_THROW(after(program_of(0, bytes), id, Contents(4096)), std::invalid_argument) << id;
  }
  for (const char* id : {"0b1", "0t0.1", "0p0.1"}) {
    EXPECT_THROW(after(kErase, id, Contents(4096)), std::invalid_argument) << id;
  }
}

std::vector<std::string> ids(const std::vector<Cut>& cuts, Where where) {
  std::vector<std::string> texts;
  for (const Cut& cut : cuts) {
    if (cut.where == where) {
      texts.push_back(to_string(cut));
    }
  }
  return texts;
}

TEST(CutsOfAProgram, BreakBeforeEveryByteThatChanges) {
  const std::vector<uint8_t> bytes = {1, 0xFF, 3};
  EXPECT_THAT(ids(cuts_of(4, program_of(0, bytes), Contents(4096), {}), Where::kBefore),
              ElementsAre("4b0", "4b1"))
      << "4b2 would leave the same as 4b1";
}

TEST(CutsOfAProgram, TearMetadataInEveryWay) {
  const std::vector<uint8_t> bytes = {0xFC};
  Contents before(4096);
  EXPECT_THAT(ids(cuts_of(0, program_of(0, bytes), before, {}), Where::kTorn),
              ElementsAre("0t0.2", "0t0.1"));
  before.program(0, std::vector<uint8_t>{0xFE});
  EXPECT_THAT(ids(cuts_of(0, program_of(0, bytes), before, {}), Where::kTorn), ElementsAre())
      << "one bit is done or not";
  const std::vector<uint8_t> zero = {0};
  EXPECT_EQ(ids(cuts_of(0, program_of(8, zero), before, {}), Where::kTorn).size(), 254u);
}

TEST(CutsOfAProgram, TearDataHereAndThere) {
  const std::vector<uint8_t> bytes(1000, 0);
  const CutChoice choice{.torn = 20};
  const auto torn =
      ids(cuts_of(0, program_of(0, bytes), Contents(4096), choice), Where::kTorn).size();
  EXPECT_GT(torn, 5u);
  EXPECT_LT(torn, 40u);
}

TEST(CutsOfAProgram, BreakDataWhereItBeginsAndEndsAndHereAndThere) {
  const std::vector<uint8_t> bytes(1000, 0);
  const Operation program = program_of(0, bytes);
  const auto all = ids(cuts_of(0, program, Contents(4096), {}), Where::kBefore);
  EXPECT_EQ(all.size(), 1000u);
  const auto some = ids(cuts_of(0, program, Contents(4096), {.data_breaks = 20}), Where::kBefore);
  EXPECT_GT(some.size(), 8u);
  EXPECT_LT(some.size(), 40u);
  for (const char* id : {"0b0", "0b1", "0b999"}) {
    EXPECT_THAT(some, testing::Contains(id));
  }
}

TEST(CutsOfAProgram, ShuffleEachPage) {
  const std::vector<uint8_t> bytes(400, 0);
  const CutChoice choice{.pages = 2};
  const auto pages = ids(cuts_of(0, program_of(200, bytes), Contents(4096), choice), Where::kPage);
  EXPECT_EQ(pages.size(), 6u);
}

TEST(CutsOfAnErase, AreAllItsStates) {
  std::set<char> letters;
  for (const Cut& cut : cuts_of(0, kErase, Contents(4096), {})) {
    letters.insert(static_cast<char>(cut.where));
  }
  EXPECT_EQ(letters, (std::set<char>{'b', 'z', 'f', 'r', 'u', 'a'}));
}

TEST(CutsOfAnyOperation, CanBePerformed) {
  const std::vector<uint8_t> bytes(700, 0x18);
  for (const Operation& operation : {program_of(100, bytes), kErase}) {
    for (const Cut& cut : cuts_of(0, operation, Contents(4096), {})) {
      Contents contents(4096);
      EXPECT_NO_THROW(perform_cut(contents, operation, cut)) << to_string(cut);
    }
  }
}

}  // namespace
}  // namespace flashstore::norsim
