// Where the original's document and its code differ: what ours writes and accepts there.
#include <gmock/gmock.h>

#include <algorithm>

#include "lilotafs/disk.h"
#include "lilotafs/draft.h"
#include "lilotafs/independent_parser.h"

namespace flashstore::test {
namespace {

using testing::Contains;
using testing::Key;
using testing::Not;

ParsedFile parsed_file(const ParsedImage& image, const std::string& path) {
  const auto found = std::find_if(image.files.begin(), image.files.end(),
                                  [&](const ParsedFile& file) { return file.path == path; });
  return found == image.files.end() ? ParsedFile{} : *found;
}

TEST(DivergenceD01, DataOfBinFilesBeginAt64KiB) {
  Disk disk(256);
  ASSERT_EQ(disk.mount(), "");
  ASSERT_EQ(disk.make_directory("apps"), "");
  for (const char* path : {"apps/a.bin", ".bin", "a.BIN", "a.binx"}) {
    ASSERT_EQ(disk.write(path, text_of(3000)), "");
  }
  ASSERT_EQ(disk.make_directory("x.bin"), "");
  ASSERT_EQ(disk.write("last", "1"), "");
  const Image image = disk.image();
  const ParsedImage parsed = parse_lilotafs(image);
  EXPECT_EQ(parsed.damage, "");
  EXPECT_EQ(parsed_file(parsed, "apps/a.bin").data_offset % 0x10000, 0u);
  EXPECT_EQ(parsed_file(parsed, ".bin").data_offset % 0x10000, 0u);
  EXPECT_EQ(parsed_file(parsed, "a.BIN").data_offset, parsed_file(parsed, "a.BIN").offset + 16);
  EXPECT_EQ(parsed_file(parsed, "a.binx").data_offset, parsed_file(parsed, "a.binx").offset + 16);
  EXPECT_EQ(parsed_file(parsed, "last").offset, parsed_file(parsed, "x.bin/").offset + 16);
  ASSERT_EQ(disk.remount(), "");
  EXPECT_EQ(disk.read("apps/a.bin"), text_of(3000));
  EXPECT_EQ(disk.read("last"), "1");
}

TEST(DivergenceD02, ACommittedEmptyNameIsNothing) {
  Draft draft(4);
  draft.dummy_head().file("a", "1").record(Draft::kRecord, 0xFC, "", "").file("b", "2");
  expect_recovers(draft.image(), {{"a", "1"}, {"b", "2"}});
}

TEST(DivergenceD02, OursNeedsNoWearMarkers) {
  Disk disk(8);
  ASSERT_EQ(disk.mount(), "");
  for (int i = 0; i < 500; ++i) {
    ASSERT_EQ(disk.write("u", text_of(100, static_cast<char>(i))), "");
  }
  const Image image = disk.image();
  for (size_t at = 0; at < image.size(); at += 8) {
    EXPECT_FALSE(image[at] == 0xA5 && image[at + 1] == 0x5A && image[at + 2] == 0xE0) << at;
  }
}

TEST(DivergenceD03, AnyNumberOfWearMarkersIsAccepted) {
  Draft draft(8);
  draft.dummy_head().wear_marker().file("a", "1").wear_marker().wear_marker().file("b", "2");
  expect_recovers(draft.wear_marker().image(), {{"a", "1"}, {"b", "2"}});
}

TEST(DivergenceD04, AWrapMarkerIsKnownFromItsFirstByte) {
  for (uint32_t done = 1; done <= 7; ++done) {
    Draft draft(8);
    draft.go(0x3000).record(Draft::kHead, 0x00, "x", "").file("a", "1");
    draft.put(draft.at(), std::string("\xFA\x5A\xF0\0\0\0\0\0").substr(0, done));
    expect_recovers(draft.image(), {{"a", "1"}});
  }
}

// The rule of the original: FORMAT.md, Free space.
bool original_may_update(const Image& image, const ParsedFile& file) {
  const auto size = static_cast<uint32_t>(image.size());
  const ParsedImage parsed = parse_lilotafs(image);
  const auto worst = [](const std::string& path, uint32_t length) {
    return 8 + static_cast<uint32_t>(path.size()) + 1 + length +
           (path.ends_with(".bin") ? 0x10000u : 8u) + 8;
  };
  uint32_t largest = 0;
  for (const ParsedFile& each : parsed.files) {
    largest = std::max(largest, worst(each.path, static_cast<uint32_t>(each.bytes.size())));
  }
  const uint32_t length = static_cast<uint32_t>(file.bytes.size());
  bool wrapped = parsed.head >= parsed.tail;
  uint32_t at = parsed.tail;
  const uint32_t items[] = {worst(file.path, 0), worst(file.path, length), 16, largest, largest};
  for (int i = 0; i < 5; ++i) {
    if (items[i] + 8 > size - at) {
      if (wrapped) {
        return false;
      }
      wrapped = true;
      at = 0;
    }
    at = (at + items[i] + 7) / 8 * 8;
    if (i >= 3 && wrapped && (at / 4096 == parsed.head / 4096 || at >= parsed.head)) {
      return false;
    }
  }
  return true;
}

TEST(DivergenceD05, AFullVolumeLeavesTheOriginalRoomToUpdate) {
  for (const uint32_t sectors : {8u, 16u, 64u}) {
    for (const size_t bytes : {100u, 1500u}) {
      SCOPED_TRACE(testing::Message() << sectors << " sectors, " << bytes << " bytes");
      Disk disk(sectors);
      ASSERT_EQ(disk.mount(), "");
      for (int i = 0; disk.write("f" + std::to_string(i), text_of(bytes)) == ""; ++i) {
      }
      const Image image = disk.image();
      const ParsedImage parsed = parse_lilotafs(image);
      ASSERT_EQ(parsed.damage, "");
      ASSERT_FALSE(parsed.files.empty());
      EXPECT_TRUE(original_may_update(image, parsed.files[0]));
    }
  }
}

TEST(DivergenceD06, ANamelessRecordEndsWhereItsNameDoes) {
  for (const uint32_t part : {0u, 1u, 8u, 30u, 63u}) {
    Draft draft(4);
    draft.dummy_head().file("a", "1");
    const uint32_t start = draft.at();
    Disk disk(draft.open_name(std::string(part, 'n')).image());
    ASSERT_EQ(disk.mount(), "");
    ASSERT_EQ(disk.write("b", "2"), "");
    const Image image = disk.image();
    const ParsedImage parsed = parse_lilotafs(image);
    EXPECT_EQ(parsed.damage, "");
    EXPECT_LE(parsed_file(parsed, "b").offset, start + 80) << part;
  }
}

TEST(DivergenceD07, OpeningForReadingMakesNoFile) {
  Disk disk(4);
  ASSERT_EQ(disk.mount(), "");
  const Image before = disk.image();
  EXPECT_EQ(disk.read("missing"), std::nullopt);
  EXPECT_EQ(disk.image(), before);
}

TEST(DivergenceD08, WhatDoesNotFitInFrontOfTheEndGoesBehindAWrapMarker) {
  Draft draft(8);
  draft.go(0x4000).record(Draft::kHead, 0x00, "x", "");
  draft.record(Draft::kRecord, 0x00, "gone", text_of(0x8000 - 2000 - draft.at()));
  const uint32_t tail = draft.at();
  Disk disk(draft.image());
  ASSERT_EQ(disk.mount(), "");
  ASSERT_EQ(disk.write("n", text_of(4000), 500), "");
  const Image image = disk.image();
  const ParsedImage parsed = parse_lilotafs(image);
  EXPECT_EQ(parsed.damage, "");
  EXPECT_EQ(parsed_file(parsed, "n").offset, 0u);
  const std::string marker("\xFA\x5A\xF0\0\0\0\0\0", 8);
  EXPECT_NE(std::search(image.begin() + tail, image.end(), marker.begin(), marker.end(),
                        [](uint8_t a, char b) { return a == static_cast<uint8_t>(b); }),
            image.end());
}

TEST(DivergenceD11, AFileMayBeLongerThan64KiB) {
  Disk disk(256);
  ASSERT_EQ(disk.mount(), "");
  ASSERT_EQ(disk.write("long", text_of(100000)), "");
  ASSERT_EQ(disk.remount(), "");
  EXPECT_EQ(disk.read("long"), text_of(100000));
}

TEST(DivergenceD12, APassedHeadHasNoMagic) {
  Disk disk(4);
  ASSERT_EQ(disk.mount(), "");
  for (int i = 0; i < 500; ++i) {
    ASSERT_EQ(disk.write("u", text_of(100, static_cast<char>(i))), "");
    const Image image = disk.image();
    const ParsedImage parsed = parse_lilotafs(image);
    ASSERT_EQ(parsed.damage, "") << i;
    for (uint32_t at = parsed.head / 4096 * 4096; at < parsed.head; at += 8) {
      ASSERT_FALSE(image[at + 1] == 0x5A && (image[at] == 0x00 || image[at] == 0xA0)) << at;
    }
  }
}

TEST(DivergenceD13, AHeadAndANextHeadAreResumed) {
  for (const uint32_t start : {0u, 0x3000u, 0x3FE0u}) {
    Draft draft(8);
    draft.go(start).record(Draft::kHead, 0x00, "x", "gone");
    draft.record(Draft::kNextHead, 0xFC, "a", "1").file("b", "2");
    expect_recovers(draft.image(), {{"a", "1"}, {"b", "2"}});
  }
}

TEST(DivergenceD13, TwoHeadsAreResumed) {
  for (const uint32_t start : {0u, 0x3000u, 0x3FE0u}) {
    Draft draft(8);
    draft.go(start).record(Draft::kHead, 0x00, "x", "gone");
    draft.record(Draft::kHead, 0xFC, "a", "1").file("b", "2");
    expect_recovers(draft.image(), {{"a", "1"}, {"b", "2"}});
  }
}

}  // namespace
}  // namespace flashstore::test
