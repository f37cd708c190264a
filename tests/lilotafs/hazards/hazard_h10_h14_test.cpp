// Hazards of unfinished files: lengths that do not fit, blind erases, data that look like records.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <random>

#include "lilotafs/disk.h"
#include "lilotafs/draft.h"

namespace flashstore::test {
namespace {

// A log that begins at 0x6000 of 16 sectors and goes on at 0.
Draft wrapped() {
  Draft draft(16);
  draft.go(0x6000).record(Draft::kHead, 0x00, "x", "").file("a", "1").file("b", text_of(900));
  return draft.wrap().file("c", text_of(300));
}

Files wrapped_files() {
  return {{"a", "1"}, {"b", text_of(900)}, {"c", text_of(300)}};
}

// The original looks for a length that is at least what reaches the next sector, and only finds one
// 2^32 steps later.
TEST(HazardH10, ALengthWithinTheSectorIsTakenAsItIs) {
  for (uint32_t known = 0; known <= 4; ++known) {
    SCOPED_TRACE(known);
    Draft draft = wrapped();
    draft.open_file("n", text_of(100));
    const uint32_t length = known == 0 ? 0xFFFFFFFF : 100 | ((1u << 8 * (4 - known)) - 1);
    expect_recovers(draft.put_word(draft.last() + 4, length).image(), wrapped_files());
  }
}

TEST(HazardH10, ALengthTornAtAnyBitIsTakenAsItIs) {
  for (uint32_t bits = 0; bits < 256; ++bits) {
    SCOPED_TRACE(bits);
    Draft draft = wrapped();
    draft.open_file("n", text_of(100));
    if ((bits & 100) == 100) {
      expect_recovers(draft.put_word(draft.last() + 4, bits).image(), wrapped_files());
    }
  }
}

// The original erases all free space.
TEST(HazardH11, RecoveryErasesWhatTheWriteTouchedAndNoMore) {
  for (const uint32_t files : {10u, 1000u}) {
    for (const bool has_length : {false, true}) {
      Draft draft(1024);
      draft.dummy_head();
      Files expected;
      for (uint32_t i = 0; i < files; ++i) {
        draft.file("f" + std::to_string(i), text_of(100));
        expected["f" + std::to_string(i)] = text_of(100);
      }
      draft.open_file("n", text_of(100));
      if (has_length) {
        draft.put_word(draft.last() + 4, 100);
      }
      Disk disk(draft.image());
      ASSERT_EQ(disk.mount(), "");
      EXPECT_LE(disk.flash().counters().erases, 2u) << files;
      EXPECT_EQ(disk.files(), expected);
      EXPECT_EQ(parsed_files(disk.image()), expected);
    }
  }
}

TEST(HazardH11, SoItDoesAfterALongWrite) {
  Draft draft(1024);
  draft.go(0x20000).record(Draft::kHead, 0x00, "x", "").file("a", "1").wrap();
  draft.open_file("n", text_of(40000));
  Disk disk(draft.image());
  ASSERT_EQ(disk.mount(), "");
  EXPECT_LE(disk.flash().counters().erases, 11u) << "at most the sectors written to";
  EXPECT_EQ(disk.files(), (Files{{"a", "1"}}));
  EXPECT_EQ(parsed_files(disk.image()), (Files{{"a", "1"}}));
}

// Bytes full of what makes records: at each multiple of 8 of the data.
std::string magics(size_t bytes, uint32_t seed) {
  static constexpr std::array<uint8_t, 6> kMagics = {0x00, 0xA0, 0xA5, 0xFA, 0x5A, 0xFF};
  static constexpr std::array<uint8_t, 8> kStatuses = {0xFF, 0xFE, 0xFC, 0xF8,
                                                       0xF0, 0xE0, 0x00, 0x7C};
  std::mt19937 random(seed);
  std::string data;
  while (data.size() < bytes) {
    const uint32_t draw = static_cast<uint32_t>(random());
    data += static_cast<char>(kMagics[draw % 4]);
    data += '\x5A';
    data += static_cast<char>(kStatuses[draw >> 4 & 7]);
    data += '\0';
    const uint32_t length = (draw & 0x100) != 0 ? draw >> 20 : 0;
    for (int shift = 0; shift < 32; shift += 8) {
      data += static_cast<char>(length >> shift);
    }
  }
  return data.substr(0, bytes);
}

TEST(HazardH12, MagicsInUnfinishedDataAreNoRecords) {
  for (uint32_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    Draft draft = wrapped();
    draft.open_file("n", magics(500 + 400 * (seed % 30), seed));
    expect_recovers(draft.image(), wrapped_files());
  }
}

TEST(HazardH12, MagicsInUnfinishedDataBehindTheHeadAreNoRecords) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    Draft draft(16);
    draft.go(seed % 2 == 0 ? 0 : 0x3000).record(Draft::kHead, 0x00, "x", "").file("a", "1");
    expect_recovers(draft.open_file("n", magics(3000 + 500 * seed, seed)).image(), {{"a", "1"}});
  }
}

TEST(HazardH12, MagicsInCommittedDataAreNoRecords) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    Draft draft = wrapped();
    Files files = wrapped_files();
    files["m"] = magics(6000, seed);
    expect_recovers(draft.file("m", files["m"]).image(), files);
  }
}

TEST(HazardH12, MagicsBehindAnErasedStretchOfUnfinishedDataAreNoRecords) {
  Draft draft = wrapped();
  draft.open_file("n", std::string(9000, '\xFF') + magics(1000, 1));
  expect_recovers(draft.image(), wrapped_files());
}

// A head in torn data whose chain leads nowhere.
TEST(HazardH12, AHeadWithoutAChainIsNone) {
  Draft fake(4);
  fake.record(Draft::kHead, 0xFC, "fake", "f");
  const std::string bytes(fake.image().begin(), fake.image().begin() + fake.at());
  Draft draft = wrapped();
  draft.open_file("n", text_of(0x2000) + bytes + text_of(100));
  expect_recovers(draft.image(), wrapped_files());
}

// The head was erased, its successor at 0 is not marked yet.
TEST(HazardH12, ALoneFakeHeadDoesNotBeatANextHeadAtZero) {
  Draft fake(4);
  fake.record(Draft::kHead, 0xFC, "fake", "f");
  const std::string bytes(fake.image().begin(), fake.image().begin() + fake.at() + 100);
  Draft draft(16);
  draft.record(Draft::kNextHead, 0xFC, "a", "1").file("b", text_of(900));
  draft.open_file("n", text_of(0x1000) + bytes + text_of(100));
  expect_recovers(draft.image(), {{"a", "1"}, {"b", text_of(900)}});
}

// What its chain runs into is erased by the mount that moves the head.
TEST(HazardH12, WhatDoesNotFitAsAHeadDoesNotLaterEither) {
  Draft draft(8);
  draft.go(0x1000).record(Draft::kHead, 0xFC, "fake", text_of(0x2000)).put(draft.at(), "noise");
  draft.go(0x3800).record(Draft::kHead, 0x00, "x", text_of(0x1000));
  draft.record(Draft::kNextHead, 0xFC, "a", "1").file("b", "2");
  Disk disk(draft.image());
  for (const char* which : {"this mount", "the next one"}) {
    SCOPED_TRACE(which);
    ASSERT_EQ(disk.mount(), "");
    EXPECT_EQ(disk.files(), (Files{{"a", "1"}, {"b", "2"}}));
  }
  EXPECT_EQ(use_hard(disk, disk.files()), "");
}

// A mount takes a time that does not grow with the square of what was written.
TEST(HazardH12, DataFullOfHeadsAreSearchedInReasonableTime) {
  Draft head(4);
  head.record(Draft::kHead, 0xFC, "", "");
  std::string data;
  while (data.size() < 200000) {
    data.append(head.image().begin(), head.image().begin() + head.at());
  }
  Draft draft(1024);
  draft.go(0x100000).record(Draft::kHead, 0x00, "x", "").file("a", "1").wrap().file("c", "3");
  Disk disk(draft.open_file("n", data).image());
  disk.flash().set_budget({.read_calls = 100000});
  ASSERT_EQ(disk.mount(), "");
  disk.flash().set_budget({});
  EXPECT_EQ(disk.files(), (Files{{"a", "1"}, {"c", "3"}}));
}

// What no reader of this format can tell: torn data that are a whole history of their own, made for
// the place they lie at. This one begins in the second sector, has `records` files, and joins the
// true one at `joint`.
Draft with_forged_history(uint32_t records, uint32_t joint) {
  Draft draft = wrapped();
  draft.open_file("n", text_of(0x1000 - 16 - draft.at()));
  draft.go(0x1000).record(Draft::kHead, 0x00, "y", "");
  for (uint32_t i = 0; i < records; ++i) {
    draft.file("fake" + std::to_string(i), "f");
  }
  draft.record(Draft::kRecord, 0x00, "z", "");
  return draft.put_word(draft.last() + 4, joint - draft.at());
}

TEST(HazardH12, OfTwoWholeHistoriesTheRicherOneCounts) {
  expect_recovers(with_forged_history(0, 0x6028).image(), wrapped_files());
}

TEST(HazardH12, ARicherForgedHistoryIsTakenAndTouchesNoContentOfOthers) {
  Disk disk(with_forged_history(9, 0x6010).image());
  ASSERT_EQ(disk.mount(), "");
  Files files = wrapped_files();
  for (uint32_t i = 0; i < 9; ++i) {
    files["fake" + std::to_string(i)] = "f";
  }
  EXPECT_EQ(disk.files(), files);
}

// The original takes a record that ends with the partition for the tail.
TEST(HazardH13, ARecordMayEndWithThePartition) {
  Draft draft(8);
  draft.go(0x3000).record(Draft::kHead, 0x00, "x", "").file("a", "1");
  const std::string last = text_of(0x8000 - 16 - draft.at());
  draft.file("last", last);
  ASSERT_EQ(draft.at(), 0x8000u);
  expect_recovers(draft.image(), {{"a", "1"}, {"last", last}});
}

TEST(HazardH13, TheSameWithTheHeadAtZero) {
  Draft draft(8);
  draft.dummy_head().record(Draft::kRecord, 0x00, "gone", text_of(9000)).file("a", "1");
  const std::string last = text_of(0x8000 - 16 - draft.at());
  Disk disk(draft.file("last", last).image());
  ASSERT_EQ(disk.mount(), "");
  EXPECT_EQ(disk.files(), (Files{{"a", "1"}, {"last", last}}));
  disk.write("b", "2");  // may be refused: not even the largest file can be moved
  EXPECT_EQ(disk.read("last"), last);
  EXPECT_EQ(disk.read("a"), "1");
}

// There the original closes a nameless record with a length that reaches past the end.
TEST(HazardH13, ANamelessRecordMayEndWithThePartition) {
  for (uint32_t left = 16; left <= 80; left += 8) {
    for (uint32_t part = 0; part <= std::min(left - 8, 63u); ++part) {
      SCOPED_TRACE(testing::Message() << left << " bytes left, " << part << " of the name");
      Draft draft(8);
      draft.go(0x3000).record(Draft::kHead, 0x00, "x", "").file("a", "1");
      draft.record(Draft::kRecord, 0x00, "x", text_of(0x8000 - left - 16 - draft.at()));
      ASSERT_EQ(draft.at(), 0x8000u - left);
      expect_recovers(draft.open_name(std::string(part, 'n')).image(), {{"a", "1"}});
    }
  }
}

// Mounts of the original may leave one, and the next update adds another.
TEST(HazardH14, EveryOldVersionIsDealtWith) {
  Draft draft(8);
  draft.dummy_head()
      .record(Draft::kRecord, 0xF8, "m", "old")
      .record(Draft::kRecord, 0xF8, "k", "k");
  draft.file("b", "2").file("m", "new");
  expect_recovers(draft.image(), {{"b", "2"}, {"k", "k"}, {"m", "new"}});
}

TEST(HazardH14, OfTwoOldVersionsTheLaterCounts) {
  Draft draft(8);
  draft.dummy_head().record(Draft::kRecord, 0xF8, "m", "older");
  expect_recovers(draft.record(Draft::kRecord, 0xF8, "m", "old").image(), {{"m", "old"}});
}

TEST(HazardH14, AnUnfinishedFileAmongThemIsDropped) {
  Draft draft(8);
  draft.dummy_head()
      .record(Draft::kRecord, 0xF8, "m", "old")
      .record(Draft::kRecord, 0xF8, "k", "k");
  expect_recovers(draft.open_file("m", "ne").image(), {{"k", "k"}, {"m", "old"}});
}

}  // namespace
}  // namespace flashstore::test
