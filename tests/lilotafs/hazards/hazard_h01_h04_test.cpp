// Hazards of the original that need no power cut, or one in the move of the head.
#include <gmock/gmock.h>

#include "lilotafs/disk.h"
#include "lilotafs/draft.h"

namespace flashstore::test {
namespace {

using testing::Not;

// The original takes every moved record for 64 KiB long.
TEST(HazardH01, MovesAreMeasuredByTheirSize) {
  for (const uint32_t sectors : {4u, 16u}) {
    Draft draft(sectors);
    draft.dummy_head().file("kept", "1").record(Draft::kRecord, 0x00, "gone", text_of(500));
    expect_recovers(draft.wear_marker().image(), {{"kept", "1"}});
  }
}

TEST(HazardH01, ACopyAtMountNeedsNoWrapWhileThereIsRoom) {
  Draft draft(16);
  draft.dummy_head().file("other", "2").record(Draft::kRecord, 0xF8, "old", text_of(300));
  Disk disk(draft.image());
  ASSERT_EQ(disk.mount(), "");
  EXPECT_EQ(disk.read("old"), text_of(300));
  EXPECT_EQ(disk.image()[draft.at()], 0xA5) << "the copy lies at the tail";
}

// The original reclaims at mount alone, and only where a wear marker is.
TEST(HazardH02, UpdatesNeverRunOutOfSpaceWithoutRemount) {
  for (const size_t bytes : {100u, 2000u}) {
    Disk disk(64);
    ASSERT_EQ(disk.mount(), "");
    Files files;
    for (int i = 0; i < 40; ++i) {
      const std::string path = "other" + std::to_string(i);
      files[path] = text_of(bytes, static_cast<char>(i));
      ASSERT_EQ(disk.write(path, files[path]), "");
    }
    for (int i = 0; i < 5000; ++i) {
      files["hot"] = text_of(100, static_cast<char>(i));
      ASSERT_EQ(disk.write("hot", files["hot"]), "") << "update " << i;
    }
    EXPECT_EQ(disk.files(), files);
    ASSERT_EQ(disk.remount(), "");
    EXPECT_EQ(disk.files(), files);
    EXPECT_EQ(parsed_files(disk.image()), files);
  }
}

// A volume the original has driven into this: garbage everywhere, no wear marker.
TEST(HazardH02, GarbageIsReclaimedWithoutAWearMarker) {
  Draft draft(16);
  draft.dummy_head();
  while (draft.at() < 15 * 4096) {
    draft.record(Draft::kRecord, 0x00, "hot", text_of(100));
  }
  draft.file("hot", "last");
  expect_recovers(draft.image(), {{"hot", "last"}});
}

// The original reads length and name of the old file from wrong places.
TEST(HazardH03, AFailedUpdateOfAFullVolumeKeepsTheOldFile) {
  Disk disk(16);
  ASSERT_EQ(disk.mount(), "");
  Files files{{"a", text_of(3000)}};
  ASSERT_EQ(disk.write("a", files["a"]), "");
  for (int i = 0; disk.write("f" + std::to_string(i), text_of(900, static_cast<char>(i))) == "";
       ++i) {
    files["f" + std::to_string(i)] = text_of(900, static_cast<char>(i));
  }
  for (const char fill : {'\xFF', '\0', 'x'}) {
    EXPECT_THAT(disk.write("a", std::string(60000, fill)), Not(""));
    EXPECT_EQ(disk.read("a"), files["a"]);
    EXPECT_EQ(disk.files(), files);
  }
  ASSERT_EQ(disk.remount(), "");
  EXPECT_EQ(disk.files(), files);
  EXPECT_EQ(disk.write("a", "short"), "") << "an update to less is always possible";
}

// The original compares the sector of the head with that of a tail it does not know yet.
TEST(HazardH04, AMoveInterruptedInTheFirstSectorIsResumed) {
  Draft draft(8);
  draft.record(0x0000, 0xFC, "", "").record(Draft::kHead, 0x00, "x", text_of(4096));
  draft.record(Draft::kNextHead, 0xFC, "a", "1").file("b", text_of(500));
  expect_recovers(draft.image(), {{"a", "1"}, {"b", text_of(500)}});
}

TEST(HazardH04, TheSameWithTheTailInFrontOfTheHead) {
  Draft draft(8);
  draft.go(0x4000).record(Draft::kHead, 0x00, "x", text_of(4096));
  draft.record(Draft::kNextHead, 0xFC, "a", "1").file("b", text_of(500)).wrap().file("c", "3");
  expect_recovers(draft.image(), {{"a", "1"}, {"b", text_of(500)}, {"c", "3"}});
}

}  // namespace
}  // namespace flashstore::test
