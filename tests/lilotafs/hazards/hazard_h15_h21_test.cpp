// Hazards of silence and of traffic, of small partitions, dirty sectors, and a format cut short.
#include <gmock/gmock.h>

#include "lilotafs/disk.h"
#include "lilotafs/draft.h"
#include "lilotafs/independent_parser.h"
#include "norsim/power_cuts.h"

namespace flashstore::test {
namespace {

TEST(HazardH15, AFlippedBitOfAFileIsNoticed) {
  Disk disk(4);
  ASSERT_EQ(disk.mount(), "");
  ASSERT_EQ(disk.write("name", text_of(100)), "");
  const ParsedImage parsed = parse_lilotafs(disk.image());
  ASSERT_EQ(parsed.files.size(), 1u);
  const uint32_t begin = parsed.files[0].offset;
  const uint32_t data = parsed.files[0].data_offset;
  std::vector<uint32_t> offsets = {begin + 4, begin + 8, begin + 9, begin + 10, begin + 11};
  for (uint32_t i = 0; i < 100; ++i) {
    offsets.push_back(data + i);
  }
  for (const uint32_t offset : offsets) {
    for (int bit = 0; bit < 8; ++bit) {
      Image image = disk.image();
      image[offset] ^= static_cast<uint8_t>(1 << bit);
      EXPECT_NE(parse_lilotafs(image).damage, "") << offset << " bit " << bit;
    }
  }
}

TEST(HazardH15, AFileWithoutACheckIsAsGoodAsBefore) {
  for (const uint8_t none : std::initializer_list<uint8_t>{0x00, 0xFF}) {
    Draft draft(4);
    draft.dummy_head().file("a", text_of(100));
    expect_recovers(draft.put(draft.last() + 3, {none}).image(), {{"a", text_of(100)}});
  }
}

// The original reads each byte before it programs it, and each record ten times to pass it.
TEST(HazardH16, ProgrammingReadsNothingBack) {
  Disk disk(16);
  ASSERT_EQ(disk.mount(), "");
  ASSERT_EQ(disk.write("a", "1"), "");
  disk.flash().reset_counters();
  ASSERT_EQ(disk.write("b", text_of(3000), 3000), "");
  EXPECT_LE(disk.flash().counters().read_bytes, 2000u);
  EXPECT_LE(disk.flash().counters().read_calls, 30u);
}

TEST(HazardH16, ALookupReadsEachRecordOnce) {
  Disk disk(64);
  ASSERT_EQ(disk.mount(), "");
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(disk.write("f" + std::to_string(i), text_of(100)), "");
  }
  disk.flash().reset_counters();
  ASSERT_EQ(disk.remount(), "");
  EXPECT_LE(disk.flash().counters().read_calls, 201u + 20);
  disk.flash().reset_counters();
  EXPECT_EQ(disk.read("f199"), text_of(100));
  EXPECT_LE(disk.flash().counters().read_calls, 201u + 2);
}

// The chip of these tests ends the program when someone reads past its end.
TEST(HazardH17, NothingIsReadPastTheEnd) {
  for (uint32_t left = 8; left <= 96; left += 8) {
    for (const bool wraps : {false, true}) {
      SCOPED_TRACE(testing::Message() << left << (wraps ? " wraps" : ""));
      Draft draft(8);
      draft.go(0x3000).record(Draft::kHead, 0x00, "x", "").file("a", "1");
      draft.record(Draft::kRecord, 0x00, "x", text_of(0x8000 - left - 16 - draft.at()));
      Files files{{"a", "1"}};
      if (wraps) {
        draft.wrap().file("c", "3");
        files["c"] = "3";
      }
      expect_recovers(draft.image(), files);
    }
  }
}

TEST(HazardH17, AHeaderInTheLastEightBytesIsDealtWith) {
  for (const uint8_t status : std::initializer_list<uint8_t>{0xFF, 0xFE}) {
    Draft draft(8);
    draft.go(0x3000).record(Draft::kHead, 0x00, "x", "").file("a", "1");
    draft.record(Draft::kRecord, 0x00, "x", text_of(0x8000 - 8 - 16 - draft.at()));
    Disk disk(draft.put(0x7FF8, {0xA5, 0x5A, status}).image());
    ASSERT_EQ(disk.mount(), "");
    EXPECT_EQ(disk.read("a"), "1");
    disk.write("b", "2");  // may be refused: no power cut leaves this
    EXPECT_EQ(disk.read("a"), "1");
  }
}

// The original moves the largest file in every pass, and fails where it does not fit.
TEST(HazardH18, ALargeFileDoesNotKeepAVolumeFromMounting) {
  Draft draft(8);
  draft.dummy_head().file("large", text_of(18000)).file("s", "1");
  draft.record(Draft::kRecord, 0x00, "gone", text_of(3000)).wear_marker();
  Disk disk(draft.image());
  ASSERT_EQ(disk.mount(), "");
  const Files files{{"large", text_of(18000)}, {"s", "1"}};
  EXPECT_EQ(disk.files(), files);
  disk.write("s", "2");  // may be refused
  ASSERT_EQ(disk.remount(), "");
  EXPECT_EQ(disk.read("large"), text_of(18000));
}

TEST(HazardH18, SpaceNextToTheEndIsUsed) {
  Disk disk(16);
  ASSERT_EQ(disk.mount(), "");
  for (int i = 0; i < 300; ++i) {
    ASSERT_EQ(disk.write("f", text_of(3000, static_cast<char>(i))), "");
  }
  for (const uint32_t erases : disk.flash().counters().sector_erases) {
    EXPECT_GT(erases, 5u) << "a sector the log never enters";
  }
}

TEST(HazardH19, ThreeSectorsAreEnough) {
  Disk disk(3);
  ASSERT_EQ(disk.mount(), "");
  ASSERT_EQ(disk.write("a", "1"), "");
  for (int i = 0; i < 500; ++i) {
    ASSERT_EQ(disk.write("b", text_of(100, static_cast<char>(i))), "") << i;
  }
  const Files files{{"a", "1"}, {"b", text_of(100, static_cast<char>(499))}};
  EXPECT_EQ(disk.files(), files);
  ASSERT_EQ(disk.remount(), "");
  EXPECT_EQ(disk.files(), files);
  EXPECT_EQ(parsed_files(disk.image()), files);
}

// What looks like any magic, or the first byte of a wrap marker, goes from the head's sector.
TEST(HazardH19, MovedDataLeaveNothingThatLooksLikeARecord) {
  std::string data;
  while (data.size() < 1200) {
    data += std::string("\xFA\x5A\xF0\0\0\0\0\0\0\x5A\xFC\0\0\0\0\0\xA0\x5A\xFC\0\0\0\0\0", 24);
    data += std::string("\xA5\x5A\xFC\0\0\0\0\0\xFA\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 16);
  }
  Disk disk(6);
  ASSERT_EQ(disk.mount(), "");
  Files files{{"m", data}, {"u", ""}};
  ASSERT_EQ(disk.write("m", data), "");
  for (int i = 0; i < 400; ++i) {
    files["u"] = data.substr(0, static_cast<size_t>(i) * 8 % 700);
    ASSERT_EQ(disk.write("u", files["u"]), "");
    ASSERT_EQ(parsed_files(disk.image()), files) << i;
  }
  ASSERT_EQ(disk.remount(), "");
  EXPECT_EQ(disk.files(), files);
}

// Nothing says which free sectors were not erased to the end.
TEST(HazardH20, DirtAheadOfTheTailIsErasedBeforeItIsWrittenTo) {
  for (const uint32_t dirty : {0x1000u, 0x1FFFu, 0x2800u, 0x5000u, 0x7FFFu}) {
    SCOPED_TRACE(dirty);
    Draft draft(8);
    draft.dummy_head().file("a", "1").put(dirty, {0x12});
    expect_recovers(draft.image(), {{"a", "1"}});
  }
}

TEST(HazardH20, DirtBehindAWrappedTailIsErasedBeforeItIsWrittenTo) {
  for (const uint32_t dirty : {0x0800u, 0x1000u, 0x2FFFu}) {
    SCOPED_TRACE(dirty);
    Draft draft(8);
    draft.go(0x3800).record(Draft::kHead, 0x00, "x", "").file("a", "1").wrap().file("b", "2");
    expect_recovers(draft.put(dirty, {0x12}).image(), {{"a", "1"}, {"b", "2"}});
  }
}

TEST(HazardH20, AHalfErasedSectorIsErasedAgain) {
  Draft draft(8);
  draft.dummy_head().file("a", "1");
  for (const uint64_t seed : {1u, 2u, 3u}) {
    norsim::Contents contents = norsim::Contents::over(draft.image());
    for (uint32_t at = 0x2000; at < 0x3000; at += 3) {
      contents.program(at, std::array<uint8_t, 1>{0xAA});
      contents.make_unstable(at, 0x55, seed);
    }
    Disk disk(contents);
    ASSERT_EQ(disk.mount(), "");
    EXPECT_EQ(use_hard(disk, {{"a", "1"}}), "");
  }
}

TEST(HazardH21, AFormatCutAnywhereIsCompleted) {
  const auto recovery = [](norsim::Flash& flash) {
    Disk disk(flash);
    const std::string error = disk.mount();
    flash.watch(nullptr);
    return error != "" ? error : use_hard(disk, {});
  };
  norsim::PowerCuts cuts({}, recovery);
  Disk disk(4);
  disk.flash().watch(&cuts);
  ASSERT_EQ(disk.mount(), "");
  EXPECT_GT(cuts.tallies()[0].tried, 20u);
  for (const auto& failure : cuts.failures()) {
    ADD_FAILURE() << norsim::to_string(failure.path) << ": " << failure.what;
  }
}

}  // namespace
}  // namespace flashstore::test
