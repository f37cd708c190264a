// Where the original's document and its code differ: what ours writes and accepts there.
#include <gmock/gmock.h>

#include <random>

#include "lilotafs/disk.h"
#include "lilotafs/draft.h"
#include "lilotafs/independent_parser.h"
#include "norsim/power_cuts.h"

namespace flashstore::test {
namespace {

using testing::Not;

// Moving the head, with data full of magics, with every cut: nothing in front of the new head is
// taken for one.
TEST(DivergenceD14, ClobberedDataAreNeverTakenForAHead) {
  std::string data;
  while (data.size() < 600) {
    data += std::string("\x00\x5A\xFC\0\0\0\0\0\xA0\x5A\xFC\0\0\0\0\0", 16);
    data += std::string("\xA5\x5A\xFC\0\0\0\0\0\xFA\x5A\xF0\0\0\0\0\0", 16);
  }
  Disk disk(4);
  ASSERT_EQ(disk.mount(), "");
  Files files{{"m", data}};
  ASSERT_EQ(disk.write("m", data), "");
  std::string updated;
  const auto recovery = [&](norsim::Flash& flash) -> std::string {
    Disk found(flash);
    const std::string error = found.mount();
    flash.watch(nullptr);
    if (error != "") {
      return error;
    }
    Files expected = files;
    if (found.files() == expected) {
      return "";
    }
    expected["u"] = updated;
    return found.files() == expected ? "" : "other files";
  };
  norsim::CutPlan plan;
  plan.levels[0].one_in = 7;
  norsim::PowerCuts cuts(plan, recovery);
  for (int i = 0; i < 40; ++i) {
    updated = data.substr(0, static_cast<size_t>(200 + i % 3 * 8));
    disk.flash().watch(&cuts);
    ASSERT_EQ(disk.write("u", updated), "");
    disk.flash().watch(nullptr);
    files["u"] = updated;
  }
  for (const auto& failure : cuts.failures()) {
    ADD_FAILURE() << norsim::to_string(failure.path) << ": " << failure.what;
  }
}

TEST(DivergenceD15, EmptyFilesAndDirectoriesAreMovedLikeOthers) {
  Disk disk(4);
  ASSERT_EQ(disk.mount(), "");
  Files files{{"e", ""}, {"d/", ""}, {"d/e", ""}, {"u", ""}};
  ASSERT_EQ(disk.write("e", ""), "");
  ASSERT_EQ(disk.make_directory("d"), "");
  ASSERT_EQ(disk.write("d/e", ""), "");
  for (int i = 0; i < 600; ++i) {
    files["u"] = text_of(100, static_cast<char>(i));
    ASSERT_EQ(disk.write("u", files["u"]), "");
    ASSERT_EQ(disk.files(), files) << i;
  }
}

TEST(DivergenceD16, AHeadIsVerifiedAlwaysAndNotOnlyBehindAnUnfinishedFile) {
  // A lone magic in dirt behind the tail, in front of the true head.
  Draft draft(8);
  draft.go(0x5000).record(Draft::kHead, 0x00, "x", "").file("a", "1").wrap().file("c", "3");
  draft.put(0x2000, {0x00, 0x5A, 0xFC, 0x00, 0xFF, 0x12});
  expect_recovers(draft.image(), {{"a", "1"}, {"c", "3"}});
}

TEST(DivergenceD17, ARecordWithoutAStatusIsUnfinished) {
  Draft draft(8);
  draft.dummy_head().file("a", "1").record(Draft::kRecord, 0xFF, "n", "data");
  expect_recovers(draft.image(), {{"a", "1"}});
  Draft header(8);
  header.dummy_head().file("a", "1").put(header.at(), {0xA5, 0x5A});
  expect_recovers(header.image(), {{"a", "1"}});
}

TEST(DivergenceD19, AFailedUpdateLeavesTheOldFileAndNothingElse) {
  Disk disk(8);
  ASSERT_EQ(disk.mount(), "");
  ASSERT_EQ(disk.write("m", text_of(2000)), "");
  EXPECT_THAT(disk.write("m", text_of(40000)), Not(""));
  EXPECT_EQ(disk.files(), (Files{{"m", text_of(2000)}}));
  EXPECT_EQ(parsed_files(disk.image()), (Files{{"m", text_of(2000)}}));
  EXPECT_THAT(disk.write("new", text_of(40000)), Not(""));
  EXPECT_EQ(disk.files(), (Files{{"m", text_of(2000)}}));
  EXPECT_EQ(disk.write("m", "shorter"), "");
  ASSERT_EQ(disk.remount(), "");
  EXPECT_EQ(disk.files(), (Files{{"m", "shorter"}}));
}

TEST(DivergenceD20, TheHeadIsListedLikeAnyOther) {
  Draft draft(8);
  draft.go(0x3000).record(Draft::kHead, 0xFC, "first", "1").file("second", "2");
  expect_recovers(draft.image(), {{"first", "1"}, {"second", "2"}});
}

TEST(DivergenceD20, OfADirectoryMadeTwiceOneIsListed) {
  Draft draft(8);
  draft.dummy_head().directory("d/").file("d/f", "1").directory("d/");
  Disk disk(draft.image());
  ASSERT_EQ(disk.mount(), "");
  EXPECT_EQ(disk.files(), (Files{{"d/", ""}, {"d/f", "1"}}));
  for (int i = 0; i < 500; ++i) {
    ASSERT_EQ(disk.write("u", text_of(100, static_cast<char>(i))), "");
  }
  EXPECT_EQ(disk.read("d/f"), "1");
}

TEST(DivergenceD20, OfAFileCommittedTwiceTheLastCounts) {
  Draft draft(8);
  draft.dummy_head().file("a", "1").file("b", "2").file("a", "3");
  Disk disk(draft.image());
  ASSERT_EQ(disk.mount(), "");
  EXPECT_EQ(disk.read("a"), "3");
  EXPECT_EQ(disk.files(), (Files{{"a", "3"}, {"b", "2"}}));
  ASSERT_EQ(disk.write("a", "4"), "");
  EXPECT_EQ(disk.files(), (Files{{"a", "4"}, {"b", "2"}}));
  ASSERT_EQ(disk.remount(), "");
  EXPECT_EQ(disk.files(), (Files{{"a", "4"}, {"b", "2"}}));
  ASSERT_EQ(disk.remove("a"), "");
  ASSERT_EQ(disk.remount(), "");
  EXPECT_EQ(disk.files(), (Files{{"b", "2"}}));
}

TEST(DivergenceD22, NamesHave63BytesAtMostWithTheirDirectories) {
  Disk disk(16);
  ASSERT_EQ(disk.mount(), "");
  ASSERT_EQ(disk.make_directory("d"), "");
  for (const size_t bytes : {62u, 63u}) {
    const std::string path = "d/" + std::string(bytes - 2, 'n');
    EXPECT_EQ(disk.write(path, "1"), "");
    EXPECT_EQ(disk.read(path), "1");
    EXPECT_EQ(disk.remove(path), "");
  }
  EXPECT_THAT(disk.write("d/" + std::string(62, 'n'), "1"), Not(""));
  EXPECT_EQ(disk.files(), (Files{{"d/", ""}}));
}

TEST(DivergenceD23, ErasesAreOfSectorsOf4096Bytes) {
  Disk disk(5);
  norsim::OperationLog log;
  disk.flash().watch(&log);
  ASSERT_EQ(disk.mount(), "");
  for (int i = 0; i < 400; ++i) {
    ASSERT_EQ(disk.write("u", text_of(100, static_cast<char>(i))), "");
  }
  uint32_t erases = 0;
  for (const auto& entry : log.entries()) {
    erases += entry.kind == norsim::Operation::Kind::kErase ? 1 : 0;
  }
  EXPECT_GT(erases, 5u);
  EXPECT_EQ(disk.flash().counters().erases, erases);
}

// Odd sizes, as the original's 4128768 bytes, which its own tool takes for 2 MiB.
TEST(DivergenceD24, ThePartitionIsAsLargeAsItIs) {
  for (const uint32_t sectors : {3u, 5u, 17u, 1008u}) {
    Disk disk(sectors);
    ASSERT_EQ(disk.mount(), "");
    ASSERT_EQ(disk.write("a", "1"), "");
    ASSERT_EQ(disk.remount(), "");
    EXPECT_EQ(disk.files(), (Files{{"a", "1"}}));
  }
}

// The original's torture: random writes to a few files, compared all the time.
TEST(DivergenceD25, RandomWritesAreReadBack) {
  for (const uint32_t sectors : {4u, 8u, 16u, 64u}) {
    std::mt19937 random(sectors);
    Disk disk(sectors);
    ASSERT_EQ(disk.mount(), "");
    Files files;
    for (int i = 0; i < 1500; ++i) {
      const std::string path = "file" + std::to_string(random() % 5);
      const std::string content =
          text_of(random() % (sectors * 4096 / 40), static_cast<char>(random()));
      const uint32_t what = static_cast<uint32_t>(random() % 16);
      if (what == 0) {
        ASSERT_EQ(disk.remount(), "");
      } else if (what == 1) {
        EXPECT_EQ(disk.remove(path) == "", files.erase(path) == 1) << i;
      } else if (disk.write(path, content, 1 + random() % 400) == "") {
        files[path] = content;
      }
      ASSERT_EQ(disk.files(), files) << sectors << " sectors, step " << i;
    }
    EXPECT_EQ(parsed_files(disk.image()), files);
  }
}

// Data that had got past the first sector are no longer needed to find the end.
TEST(DivergenceD26, UnfinishedDataOfSeveralSectorsAreLeftBehind) {
  for (const size_t bytes : {10u, 4000u, 5000u, 9000u}) {
    Draft draft(8);
    draft.go(0x7800).record(Draft::kHead, 0x00, "x", "").file("a", "1").wrap().file("c", "3");
    expect_recovers(draft.open_file("n", text_of(bytes)).image(), {{"a", "1"}, {"c", "3"}});
  }
}

TEST(DivergenceD26, SoAreTheOriginalsTombstones) {
  Draft draft(8);
  draft.dummy_head().file("a", "1").record(Draft::kRecord, 0x00, "n", text_of(5000));
  draft.put(draft.last() + 16, std::string(4000, '\xFF'));
  expect_recovers(draft.file("b", "2").image(), {{"a", "1"}, {"b", "2"}});
}

}  // namespace
}  // namespace flashstore::test
