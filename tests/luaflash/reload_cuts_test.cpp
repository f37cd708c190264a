// Power goes in every operation of a reload, those of its journal among them, and in those of its
// continuation. Everyday runs break long programs at some of their bytes and take a share of the
// second cuts; with FLASHSTORE_DEEP=1 it is every one.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "luaflash/reload_device.h"
#include "norsim/power_cuts.h"

namespace flashstore::luaflash {
namespace {

using test::Bytes;
using test::Device;

struct Case {
  friend void PrintTo(const Case& test, std::ostream* out) { *out << test.name; }

  const char* name;
  const char* before;  // an image or null
  const char* after;
  bool full_page = false;  // the journal has to clear its page first
};

// Until the next record of a reload has no room.
void fill_page(norsim::Flash& chip, size_t name_bytes) {
  const auto bytes = static_cast<uint32_t>(8 + (name_bytes + 3) / 4 * 4);
  partition::PageStore store(chip);
  partition::Table table;
  table.add({partition::kLfs, test::kLfsAddress, test::kLfsBytes});
  ASSERT_TRUE(store.replace_table(table).ok());
  for (;;) {
    partition::PageScan scan(chip, partition::kPageAddress);
    while (scan.next()) {
    }
    if (scan.offset() + bytes > partition::kRecordBytes) {
      return;
    }
    ASSERT_TRUE(store.begin_reload("earlier").ok());
    ASSERT_TRUE(store.end_reload().ok());
  }
}

class ReloadCuts : public testing::TestWithParam<Case> {};

TEST_P(ReloadCuts, LeaveTheOldImageOrTheNewOneOrNone) {
  const bool deep = std::getenv("FLASHSTORE_DEEP") != nullptr;
  const std::string name = "luac.out";
  const Bytes file = test::image_file(GetParam().after);
  const Bytes after = test::image_in_flash(file);
  norsim::Flash chip{norsim::Contents(test::kChipBytes)};
  Device device(chip);
  Bytes before;
  if (GetParam().before != nullptr) {
    const Bytes old = test::image_file(GetParam().before);
    before = test::image_in_flash(old);
    ASSERT_EQ(device.flash_reload("old", old).outcome, ReloadOutcome::kDone);
  }
  if (GetParam().full_page) {
    fill_page(chip, name.size());
  }

  norsim::CutPlan plan;
  plan.levels.resize(2);
  if (!deep) {
    plan.levels[0].choice.data_breaks = 4;
    plan.levels[0].choice.torn = 4;
    plan.levels[1].choice.data_breaks = 1;
    plan.levels[1].choice.torn = 1;
    plan.levels[1].one_in = 50;
  }
  size_t depth = 0;
  plan.watcher = [&](const norsim::CutPath& path, const norsim::Operation&, const norsim::Contents&,
                     const norsim::Contents&) { depth = path.size(); };
  uint32_t continued = 0;
  norsim::PowerCuts cuts(plan, [&](norsim::Flash& cut_chip) -> std::string {
    const bool second = depth > 1;
    Device booted(cut_chip);
    const Bytes found = booted.image();
    if (!found.empty() && found != before && found != after) {
      return "a boot takes something for an image";
    }
    const auto result = booted.boot({{name, file}});
    cut_chip.watch(nullptr);
    const Bytes now = booted.image();
    if (!now.empty() && (now != before && now != after)) {
      return "part of an image";
    }
    if (!now.empty() && booted.structure() != "") {
      return booted.structure();
    }
    if (booted.has_note()) {
      return "the journal has not forgotten";
    }
    if (!result) {
      return now == after || now == before || second ? "" : "no image, and nothing to continue";
    }
    ++continued;
    if (result->outcome != ReloadOutcome::kGivenUp && now != after) {
      return std::string("continued, and not there: ") + luaflash::name(result->outcome);
    }
    if (result->outcome == ReloadOutcome::kGivenUp && !second) {
      return "given up too early";
    }
    return booted.boot({{name, file}}) ? "boots do not end" : "";
  });
  chip.watch(&cuts);
  ASSERT_EQ(device.flash_reload(name, file).outcome, ReloadOutcome::kDone);
  EXPECT_EQ(device.image(), after);
  std::cout << GetParam().name << ": " << cuts.tallies()[0].tried << " cuts, in continuations "
            << cuts.tallies()[1].tried << " of " << cuts.tallies()[1].found << "\n";
  EXPECT_GT(continued, 0u);
  for (const auto& failure : cuts.failures()) {
    ADD_FAILURE() << norsim::to_string(failure.path) << ": " << failure.what;
  }
  EXPECT_EQ(cuts.failed(), 0u);
}

INSTANTIATE_TEST_SUITE_P(
    All, ReloadCuts,
    testing::Values(Case{"none_to_new", nullptr, "app-preload.float"},
                    Case{"old_to_new", "app-preload.float", "one-numk.float"},
                    Case{"bigger_to_smaller", "fifty.float", "app-preload.float"},
                    Case{"smaller_to_bigger", "app.float", "one-longstr.float"},
                    Case{"full_page", "app-preload.float", "app.float", true}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace flashstore::luaflash
