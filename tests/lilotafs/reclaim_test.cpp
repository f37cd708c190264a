// Moving the head out of awkward places, with every power cut on the way.
#include <gmock/gmock.h>

#include "lilotafs/disk.h"
#include "lilotafs/draft.h"
#include "norsim/power_cuts.h"

namespace flashstore::test {
namespace {

// Replaces the file "u" so many times, and cuts the power in every operation of that; after each
// cut all files are there as before, or "u" as it was to be.
void expect_cuts_lose_nothing(const Image& image, Files files, int updates) {
  Disk disk(image);
  ASSERT_EQ(disk.mount(), "");
  ASSERT_EQ(disk.files(), files);
  std::string next;
  const auto recovery = [&](norsim::Flash& flash) -> std::string {
    Disk found(flash);
    const std::string error = found.mount();
    flash.watch(nullptr);
    if (error != "") {
      return error;
    }
    const Files there = found.files();
    Files updated = files;
    updated["u"] = next;
    if (there != files && there != updated) {
      return "other files";
    }
    return parsed_files(found.image()) == there ? "" : "the parser sees other files";
  };
  norsim::CutPlan plan;
  plan.levels[0].choice.metadata_bytes = 1;
  plan.levels[0].choice.torn = 1;
  plan.levels[0].one_in = 3;
  norsim::PowerCuts cuts(plan, recovery);
  for (int i = 0; i < updates; ++i) {
    next = text_of(700, static_cast<char>(i));
    disk.flash().watch(&cuts);
    ASSERT_EQ(disk.write("u", next), "");
    disk.flash().watch(nullptr);
    files["u"] = next;
  }
  EXPECT_GT(disk.flash().counters().erases, 0u) << "the head did not move";
  for (const auto& failure : cuts.failures()) {
    ADD_FAILURE() << norsim::to_string(failure.path) << ": " << failure.what;
  }
}

TEST(Reclaim, AWrapMarkerInTheLastBytesOfASector) {
  Draft draft(8);
  draft.go(0x3FF8).put(0x3FF8, {0x00, 0x5A, 0xF0, 0, 0, 0, 0, 0});
  draft.go(0).file("a", "1").record(Draft::kRecord, 0x00, "x", text_of(7000)).file("u", "2");
  expect_cuts_lose_nothing(draft.image(), {{"a", "1"}, {"u", "2"}}, 20);
}

// No log goes on in its own head's sector. It is read, and what comes of it may not break the
// rules.
TEST(Reclaim, AWrapMarkerThatLeadsToTheHeadEndsTheLog) {
  for (const uint8_t status : {uint8_t{0xFC}, uint8_t{0xF8}}) {
    Draft draft(6);
    draft.record(0x5A80, status, "aaaaa", text_of(20006)).wrap();
    Disk disk(draft.image());
    disk.flash().set_budget({.read_calls = 5000});
    ASSERT_EQ(disk.mount(), "");
    disk.flash().set_budget({});
    EXPECT_EQ(disk.read("aaaaa"), text_of(20006));
    disk.write("b", "2");  // may be refused
    EXPECT_EQ(disk.read("aaaaa"), text_of(20006));
  }
}

TEST(Reclaim, ADeadRecordOfSeveralSectorsFullOfMagics) {
  std::string data;
  while (data.size() < 9000) {
    data += std::string("\x00\x5A\xFC\0\0\0\0\0\xA0\x5A\xFC\0\0\0\0\0\xFA\x5A\xF0\0\0\0\0\0", 24);
  }
  Draft draft(8);
  draft.dummy_head().record(Draft::kRecord, 0x00, "x", data).file("a", "1");
  draft.record(Draft::kRecord, 0x00, "x", text_of(9000)).file("u", "2");
  expect_cuts_lose_nothing(draft.image(), {{"a", "1"}, {"u", "2"}}, 30);
}

TEST(Reclaim, AHeadWhoseNameReachesIntoTheNextSector) {
  Draft draft(8);
  draft.go(0x0FF0).record(Draft::kHead, 0x00, std::string(40, 'n'), text_of(5000));
  draft.file("a", "1").record(Draft::kRecord, 0x00, "x", text_of(11000)).file("u", "2");
  expect_cuts_lose_nothing(draft.image(), {{"a", "1"}, {"u", "2"}}, 20);
}

TEST(Reclaim, ARecordThatEndsWithThePartitionAndHoldsMagics) {
  Draft draft(8);
  draft.go(0x5000).record(Draft::kHead, 0x00, "x", "").file("a", "1");
  std::string data(0x8000 - 16 - draft.at(), 'x');
  for (size_t at = 0; at + 8 <= data.size(); at += 8) {
    data.replace(at, 8, std::string("\x00\x5A\xFC\0\0\0\0\0", 8));
  }
  draft.record(Draft::kRecord, 0x00, "x", data);
  ASSERT_EQ(draft.at(), 0x8000u);
  draft.go(0).file("u", "2");
  expect_cuts_lose_nothing(draft.image(), {{"a", "1"}, {"u", "2"}}, 34);
}

}  // namespace
}  // namespace flashstore::test
