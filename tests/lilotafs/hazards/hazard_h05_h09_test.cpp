// Hazards of torn bytes and of names at awkward places.
#include <gmock/gmock.h>

#include "lilotafs/disk.h"
#include "lilotafs/draft.h"

namespace flashstore::test {
namespace {

using testing::Contains;
using testing::Key;
using testing::Not;

// All bytes between two states of one, both included: what a torn program may leave.
std::vector<uint8_t> between(uint8_t from, uint8_t to) {
  std::vector<uint8_t> found;
  for (int byte = 0; byte < 256; ++byte) {
    if ((byte & from) == byte && (byte | to) == byte) {
      found.push_back(static_cast<uint8_t>(byte));
    }
  }
  return found;
}

// The low byte of a magic on its way to that of a head.
std::vector<uint8_t> magics_from(uint8_t low) {
  std::vector<uint8_t> found = between(low, 0xA0);
  const std::vector<uint8_t> second = between(0xA0, 0x00);
  found.insert(found.end(), second.begin(), second.end());
  return found;
}

const std::string kWrap("\xFA\x5A\xF0\0\0\0\0\0", 8);
const std::string kHeader("\xA5\x5A\xFE\0\xFF\xFF\xFF\xFF", 8);

// A log from the middle of 16 sectors, with an old version in the course of an update; so many
// bytes in front of the end of the partition.
Draft updating(uint32_t left = 0x2000) {
  Draft draft(16);
  draft.go(0x6000).record(Draft::kHead, 0x00, "x", "").file("a", "1");
  draft.record(Draft::kRecord, 0xF8, "m", text_of(300));
  return draft.record(Draft::kRecord, 0x00, "gone", text_of(0x10000 - left - 16 - draft.at()));
}

Files updated() {
  return {{"a", "1"}, {"m", text_of(300)}};
}

// Each byte torn in each way, and, which takes longer, used hard after some of the ways.
void expect_torn(const Draft& draft, const std::string& whole, const Files& files) {
  const uint32_t tail = draft.at();
  for (uint32_t done = 0; done < whole.size(); ++done) {
    for (const uint8_t torn : between(0xFF, static_cast<uint8_t>(whole[done]))) {
      SCOPED_TRACE(testing::Message() << done << " bytes and " << int{torn});
      Draft cut = draft;
      Disk disk(cut.put(tail, whole.substr(0, done)).put(tail + done, {torn}).image());
      ASSERT_EQ(disk.mount(), "");
      EXPECT_EQ(disk.files(), files);
      EXPECT_EQ(parsed_files(disk.image()), files);
      if (torn % 16 == static_cast<uint8_t>(whole[done]) % 16) {
        EXPECT_EQ(use_hard(disk, files), "");
      }
    }
  }
}

TEST(HazardH05, AWrapMarkerTornAnywhereIsNoFile) {
  expect_torn(updating(), kWrap, updated());
}

TEST(HazardH05, TheSameWithoutAnUpdate) {
  Draft draft(16);
  draft.go(0x6000).record(Draft::kHead, 0x00, "x", "").file("a", "1");
  expect_torn(draft, kWrap, {{"a", "1"}});
}

TEST(HazardH05, TheSameInTheLastEightBytes) {
  ASSERT_EQ(updating(8).at(), 0x10000u - 8);
  expect_torn(updating(8), kWrap, updated());
}

TEST(HazardH05, AHeaderTornAnywhereIsNoFile) {
  expect_torn(updating(), kHeader, updated());
}

// A header begun where the next attempt, of another size, has to wrap.
TEST(HazardH05, ATornHeaderNearTheEndLetsTheLogWrap) {
  expect_torn(updating(40), kHeader, updated());
}

// The original makes a record without the end of its name, which hides all behind it.
TEST(HazardH06, ADirectoryOf63BytesIsRefused) {
  Disk disk(16);
  ASSERT_EQ(disk.mount(), "");
  EXPECT_THAT(disk.make_directory(std::string(63, 'd')), Not(""));
  ASSERT_EQ(disk.make_directory(std::string(62, 'd')), "");
  EXPECT_EQ(disk.write("after", "1"), "");
  ASSERT_EQ(disk.remount(), "");
  EXPECT_EQ(disk.files(), (Files{{std::string(62, 'd') + "/", ""}, {"after", "1"}}));
}

// What the original leaves of it: the next record follows as if the name had had an end.
TEST(HazardH06, FilesBehindADirectoryOf63BytesAreNotLost) {
  Draft draft(16);
  draft.dummy_head().file("before", "1");
  const uint32_t directory = draft.at();
  draft.put(directory, {0xA5, 0x5A, 0xFC, 0, 0, 0, 0, 0}).put(directory + 8, std::string(63, 'd'));
  draft.put(directory + 71, "/").go(directory + 80).file("after", "2");
  draft.put(directory + 72, {0});  // the 65th byte
  Disk disk(draft.image());
  ASSERT_EQ(disk.mount(), "");
  EXPECT_EQ(disk.read("before"), "1");
  EXPECT_EQ(disk.read("after"), "2");
  EXPECT_EQ(disk.write("new", "3"), "");
  EXPECT_EQ(disk.read("after"), "2");
}

// The original takes an empty record at 0 for the dummy head.
TEST(HazardH07, AnEmptyRecordAtZeroSurvivesAsHead) {
  Draft draft(8);
  draft.go(0x6000).record(Draft::kHead, 0x00, "x", "").wrap().directory("d/").file("d/f", "1");
  Disk disk(draft.image());
  ASSERT_EQ(disk.mount(), "");
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(disk.write("u", text_of(100, static_cast<char>(i))), "");
    ASSERT_THAT(disk.files(), Contains(Key("d/"))) << "update " << i;
  }
  EXPECT_EQ(disk.read("d/f"), "1");
}

TEST(HazardH07, AnEmptyFileWithTheMagicOfAHeadAtZeroIsAFile) {
  Draft draft(4);
  draft.record(Draft::kHead, 0xFC, "empty", "").file("a", "1");
  expect_recovers(draft.image(), {{"empty", ""}, {"a", "1"}});
}

// The sectors are erased from the last to the first, so the head may be left without the end of its
// name.
TEST(HazardH08, AHeadThatLostTheEndOfItsNameHidesNothing) {
  const std::string name(40, 'n');
  Draft draft(8);
  draft.go(0x1FF0).record(Draft::kHead, 0x00, name, text_of(5000));
  draft.record(Draft::kNextHead, 0xFC, "a", "1").file("b", text_of(700));
  draft.put(0x2000, std::string(0x1000, '\xFF'));
  expect_recovers(draft.image(), {{"a", "1"}, {"b", text_of(700)}});
}

TEST(HazardH08, TheSameWithTheLogAroundTheEnd) {
  Draft draft(8);
  draft.go(0x4FF0).record(Draft::kHead, 0x00, std::string(40, 'n'), text_of(5000));
  draft.record(Draft::kNextHead, 0xFC, "a", "1").file("b", text_of(700)).wrap().file("c", "3");
  draft.put(0x5000, std::string(0x1000, '\xFF'));
  expect_recovers(draft.image(), {{"a", "1"}, {"b", text_of(700)}, {"c", "3"}});
}

Draft two_files(uint16_t first, uint16_t second, uint32_t start) {
  Draft draft(8);
  draft.go(start).record(first, 0x00, "x", "gone").record(second, 0xFC, "a", "1").file("b", "2");
  return draft;
}

TEST(HazardH09, ATornMagicOfTheNextHeadHidesNothing) {
  for (const uint32_t start : {0u, 0x3000u, 0x3FF0u - 16}) {
    for (const uint8_t low : magics_from(0xA5)) {
      SCOPED_TRACE(testing::Message() << start << " " << int{low});
      expect_recovers(two_files(Draft::kHead, 0x5A00 | low, start).image(),
                      {{"a", "1"}, {"b", "2"}});
    }
  }
}

TEST(HazardH09, ATornMagicOfAWrapMarkerThatBecomesHeadHidesNothing) {
  for (const uint8_t low : magics_from(0xFA)) {
    SCOPED_TRACE(int{low});
    Draft draft(8);
    draft.go(0x4000).record(Draft::kHead, 0x00, "x", "gone").wrap().file("a", "1");
    expect_recovers(draft.put(0x4018, {low}).image(), {{"a", "1"}});
  }
}

TEST(HazardH09, ATornMagicOfAPassedHeadHidesNothing) {
  for (const uint8_t high : between(0x5A, 0x00)) {
    SCOPED_TRACE(int{high});
    for (const uint32_t start : {0u, 0x3000u}) {
      expect_recovers(two_files(static_cast<uint16_t>(high << 8), Draft::kHead, start).image(),
                      {{"a", "1"}, {"b", "2"}});
    }
  }
}

// The original deletes in one step.
TEST(HazardH09, ATornDeletionOfAnOldVersionIsDead) {
  for (const uint8_t status : between(0xF8, 0x00)) {
    SCOPED_TRACE(int{status});
    Draft draft(8);
    draft.dummy_head().record(Draft::kRecord, status, "m", text_of(200)).file("m", "new");
    expect_recovers(draft.file("b", "2").image(), {{"m", "new"}, {"b", "2"}});
  }
}

TEST(HazardH09, ATornDeletionOfAnUnfinishedFileIsDead) {
  for (const uint8_t status : between(0xFE, 0x00)) {
    if (status == 0xFC) {
      continue;  // committed, as far as anyone can tell
    }
    SCOPED_TRACE(int{status});
    Draft draft(8);
    draft.dummy_head().file("b", "2").record(Draft::kRecord, status, "n", text_of(200));
    Files files{{"b", "2"}};
    if (status == 0xF8) {
      files["n"] = text_of(200);  // an old version, as far as anyone can tell
    }
    expect_recovers(draft.image(), files);
  }
}

TEST(HazardH09, ATornWearMarkerIsNothing) {
  for (const uint8_t status : between(0xFE, 0xE0)) {
    SCOPED_TRACE(int{status});
    Draft draft(8);
    draft.dummy_head().file("b", "2").record(Draft::kRecord, status, "", "");
    expect_recovers(draft.image(), {{"b", "2"}});
  }
}

}  // namespace
}  // namespace flashstore::test
