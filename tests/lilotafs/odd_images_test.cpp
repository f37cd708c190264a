// Images that neither a power cut nor a packer leaves: whatever a mount makes of one, it is the
// same to the next mount, and writing a file changes no other.
#include <gmock/gmock.h>

#include <array>

#include "lilotafs/disk.h"
#include "lilotafs/draft.h"

namespace flashstore::test {
namespace {

void expect_stable(const Image& image, const Files& files) {
  for (const bool twice : {false, true}) {
    SCOPED_TRACE(twice ? "mounted twice" : "mounted once");
    Disk disk(image);
    ASSERT_EQ(disk.mount(), "");
    EXPECT_EQ(disk.files(), files);
    if (twice) {
      const Image mounted = disk.image();
      ASSERT_EQ(disk.remount(), "");
      EXPECT_EQ(disk.files(), files);
      EXPECT_EQ(disk.image(), mounted);
    }
    Files after = files;
    if (disk.write("new", "123") == "") {
      after["new"] = "123";
    }
    EXPECT_EQ(disk.files(), after);
    ASSERT_EQ(disk.remount(), "");
    EXPECT_EQ(disk.files(), after);
  }
}

// As above, of one that takes no more files.
void expect_only_read(const Image& image, const Files& files) {
  expect_stable(image, files);
  Disk disk(image);
  ASSERT_EQ(disk.mount(), "");
  EXPECT_EQ(disk.write("new", "123"), describe(lilotafs::Error::kDamaged));
}

constexpr uint32_t kLogAt = 0x2000;

// A log that does not begin at 0.
Draft log_at(uint32_t address = kLogAt, uint32_t sectors = 8) {
  Draft draft(sectors);
  draft.go(address).record(Draft::kHead, 0x00, "x", "").file("a", "1");
  return draft;
}

TEST(OddImages, OfTwoFilesWithOneNameTheEarlierNeverBecomesTheLater) {
  const std::string apart = text_of(5000);
  Draft draft(8);
  draft.dummy_head().file("a", "old").file("a", "older").file("b", apart).file("a", "new");
  Disk disk(draft.image());
  ASSERT_EQ(disk.mount(), "");
  for (int update = 0; update < 100; ++update) {
    const std::string content = text_of(500, static_cast<char>(update));
    ASSERT_EQ(disk.write("u", content), "");
    ASSERT_EQ(disk.files(), (Files{{"a", "new"}, {"b", apart}, {"u", content}}));
  }
  EXPECT_GT(disk.flash().counters().erases, 8u) << "the head did not come round";
}

TEST(OddImages, ATailInTheHeadsSector) {
  for (const uint16_t magic : {Draft::kHead, Draft::kNextHead}) {
    Draft draft(4);
    draft.go(0x1800).record(magic, 0xFC, "a", "1").file("b", text_of(0x1000)).wrap();
    expect_only_read(draft.file("c", text_of(0x1400)).image(),
                     {{"a", "1"}, {"b", text_of(0x1000)}, {"c", text_of(0x1400)}});
  }
}

TEST(OddImages, ATailInTheSectorOfAHeadThatIsPassed) {
  Draft draft(4);
  draft.go(0x1800).record(Draft::kHead, 0x00, "x", text_of(0x1000));
  draft.record(Draft::kNextHead, 0xFC, "a", "1").wrap().file("c", text_of(0x1400));
  expect_only_read(draft.image(), {{"a", "1"}, {"c", text_of(0x1400)}});
}

TEST(OddImages, AHeadInTheFirstSectorWhoseLogGoesRound) {
  Draft draft(4);
  draft.go(0x0F00).record(Draft::kNextHead, 0xFC, "a", "1").file("b", text_of(0x1000)).wrap();
  expect_only_read(draft.image(), {{"a", "1"}, {"b", text_of(0x1000)}});
}

TEST(OddImages, RecordsAtZeroThatLeadToTheEndAgain) {
  Draft draft(8);
  const uint32_t end = draft.go(0x2000).record(Draft::kHead, 0x00, "x", "").wrap().last();
  draft.record(Draft::kRecord, 0x00, "y", "").record(0x5AA4, 0xFC, "fake", "");
  draft.put_word(draft.last() + 4, end - draft.at());
  expect_stable(draft.image(), {});
}

TEST(OddImages, AnOpenRecordWithTheMagicOfAHead) {
  Draft draft = log_at();
  draft.go(0).open_file("x", "").put(0, {0x00, 0x5A});
  expect_stable(draft.image(), {{"a", "1"}});
}

TEST(OddImages, AWrapMarkerWithTheMagicOfARecord) {
  for (const uint8_t low : {0xA5, 0xA4, 0xA1}) {
    Draft draft(4);
    draft.dummy_head().file("a", "1");
    draft.put(draft.at(), {low, 0x5A, 0xF0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0});
    expect_only_read(draft.image(), {{"a", "1"}});
  }
}

TEST(OddImages, ANextHeadThatIsAWrapMarkerLeadingToTheHead) {
  Draft draft(4);
  draft.record(Draft::kHead, 0x00, "x", text_of(0x3000 - 0x10)).wrap();
  expect_stable(draft.put(0x3000, {0xA0}).image(), {});
}

TEST(OddImages, ATornWrapMarkerThatIsTheNameOfWhatAnImpostorLeadsTo) {
  Draft draft(8);
  draft.put(0x7300, {0x00, 0x5A, 0x00, 0x00, 8, 0, 0, 0});
  draft.put(0x7308, {0x00, 0x5A, 0x00, 0x00, 8, 0, 0, 0, 0xA5, 0x5A, 0xFC, 0x00, 0, 0, 0, 0});
  draft.put(0x7318, {0x00, 0x5A, 0xFC, 0x00, 0, 0, 0, 0, 0xFA});
  expect_stable(draft.image(), {});
}

TEST(OddImages, DirtBehindATornHeaderAtTheEndOfASector) {
  Draft draft = log_at(0x2F00);
  const std::string last = text_of(0x2FF0 - 16 - draft.at());
  draft.file("b", last).put(draft.at(), {0xA5}).put(0x3000, "dirt");
  expect_stable(draft.image(), {{"a", "1"}, {"b", last}});
}

TEST(OddImages, ATornHeaderInTheLastEightBytes) {
  Draft draft = log_at(0x7F00);
  const std::string last = text_of(0x7FF8 - 16 - draft.at());
  draft.file("b", last).put(draft.at(), {0xA5, 0x5E, 0xFE});
  expect_stable(draft.image(), {{"a", "1"}, {"b", last}});
}

TEST(OddImages, AFinishedFileWithAnotherBehindIt) {
  Disk disk(4);
  ASSERT_EQ(disk.mount(), "");
  ASSERT_EQ(disk.write("u", "old"), "");
  const uint32_t old = disk.volume().stat("u").value().record;
  ASSERT_EQ(disk.write("u", "new"), "");
  const uint32_t last = disk.volume().stat("u").value().record;
  ASSERT_EQ(disk.write("v", "behind"), "");
  Image image = disk.image();
  image[old + 2] = 0xF8;
  image[last + 2] = 0xFE;
  expect_stable(image, {{"u", "old"}});
}

TEST(OddImages, ALengthThatReachesFurtherThanTheDataWithDirtBehind) {
  Draft draft(8);
  draft.dummy_head().file("a", "1").open_file("n", text_of(0x900));
  draft.put_word(draft.last() + 4, 0xFFFFE2FF).put(draft.last() + 0x2060, "dirt");
  expect_only_read(draft.image(), {{"a", "1"}});
}

TEST(OddImages, UnfinishedDataUpToTheHead) {
  Draft draft = log_at(0x3000, 4);
  draft.wrap().open_name("n").put(8, text_of(0x3000 - 8));
  expect_only_read(draft.image(), {{"a", "1"}});
}

TEST(OddImages, ACheckOfARecordThatReachesPastTheEnd) {
  Draft draft(4);
  draft.record(Draft::kRecord, 0x00, "x", "").open_file("n", "");
  draft.put(0x3FF8, {0x00, 0x5A, 0x00, 0x12, 0xFF, 0xFF, 0xFF, 0x7F});
  expect_stable(draft.image(), {});
}

TEST(OddImages, WhatTheIndexKeepsIsWhatTheLogHolds) {
  Draft at_0(8);
  at_0.record(Draft::kNextHead, 0xFC, "a", "1").file("b", "2");
  at_0.go(0x2000).record(Draft::kHead, 0xFC, "fake", "f");
  Draft around = log_at();
  around.file("b", "2").wrap();
  const uint32_t end = around.last();
  around.file("fake", "").put_word(4, end - 0x10);
  for (const Image& image : {at_0.image(), around.image()}) {
    norsim::Flash flash(norsim::Contents::over(image));
    std::array<uint8_t, 256> buffer;
    std::array<uint8_t, 256> index;
    lilotafs::Volume volume(flash, buffer, index);
    ASSERT_TRUE(volume.mount().ok());
    EXPECT_FALSE(volume.stat("fake").ok());
    EXPECT_EQ(volume.remove("a"), lilotafs::Error::kOk);
    EXPECT_FALSE(volume.stat("a").ok());
    EXPECT_TRUE(volume.stat("b").ok());
  }
}

}  // namespace
}  // namespace flashstore::test
