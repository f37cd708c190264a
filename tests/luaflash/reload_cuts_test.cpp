// Power goes in every operation of a reload, those of its journal among them, and in those of its
// continuation. Everyday runs break long programs at some of their bytes and take a share of the
// second cuts. With FLASHSTORE_DEEP=1 there are two runs: one breaks programs at every byte, the
// other takes every second cut.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "luaflash/reload_device.h"
#include "norsim/flash.h"
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

// A plan for one run over all cuts of a reload.
norsim::CutPlan plan_with(uint32_t first_breaks, uint32_t second_one_in) {
  norsim::CutPlan plan;
  plan.levels.resize(2);
  plan.levels[0].choice.data_breaks = first_breaks;
  plan.levels[0].choice.torn = 4;
  plan.levels[1].choice.data_breaks = 1;
  plan.levels[1].choice.torn = 1;
  plan.levels[1].one_in = second_one_in;
  return plan;
}

#ifdef FLASHSTORE_SANITIZED
constexpr uint32_t kSlowdown = 20;
#else
constexpr uint32_t kSlowdown = 1;
#endif

std::vector<norsim::CutPlan> plans() {
  if (std::getenv("FLASHSTORE_DEEP") != nullptr) {
    return {plan_with(UINT32_MAX, 400), plan_with(4, 1)};
  }
  return {plan_with(4, 50 * kSlowdown)};
}

class ReloadCuts : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    file_ = test::image_file(GetParam().after);
    after_ = test::image_in_flash(file_);
    Device device(chip_);
    if (GetParam().before != nullptr) {
      const Bytes old = test::image_file(GetParam().before);
      before_ = test::image_in_flash(old);
      ASSERT_EQ(device.flash_reload("old", old).outcome, ReloadOutcome::kDone);
    }
    if (GetParam().full_page) {
      fill_page(chip_, kName.size());
    }
  }

  bool is_known(const Bytes& image) const {
    return image.empty() || image == before_ || image == after_;
  }

  // Boots a chip whose power is back. `second`: it went in a continuation.
  std::string judge(norsim::Flash& chip, bool second) {
    Device device(chip);
    if (!is_known(device.image())) {
      return "a boot takes something for an image";
    }
    const auto result = device.boot({{kName, file_}});
    chip.watch(nullptr);
    const Bytes image = device.image();
    if (!is_known(image)) {
      return "part of an image";
    }
    if (!image.empty() && device.structure() != "") {
      return device.structure();
    }
    if (device.has_note()) {
      return "the journal has not forgotten";
    }
    if (!result) {
      return second || image == after_ || image == before_ ? "" : "no image, nothing to continue";
    }
    ++continued_;
    if (result->outcome == ReloadOutcome::kGivenUp) {
      return second ? "" : "given up too early";
    }
    if (image != after_) {
      return std::string("continued, and not there: ") + name(result->outcome);
    }
    return device.boot({{kName, file_}}) ? "boots do not end" : "";
  }

  const std::string kName = "luac.out";
  Bytes file_;
  Bytes before_;  // empty: none
  Bytes after_;
  norsim::Flash chip_{norsim::Contents(test::kChipBytes)};
  uint32_t continued_ = 0;
};

TEST_P(ReloadCuts, LeaveTheOldImageOrTheNewOneOrNone) {
  for (norsim::CutPlan& plan : plans()) {
    size_t depth = 0;
    plan.watcher = [&](const norsim::CutPath& path, const norsim::Operation&,
                       const norsim::Contents&, const norsim::Contents&) { depth = path.size(); };
    norsim::PowerCuts cuts(plan, [&](norsim::Flash& chip) { return judge(chip, depth > 1); });
    norsim::Flash chip{chip_.contents()};
    Device device(chip);
    chip.watch(&cuts);
    ASSERT_EQ(device.flash_reload(kName, file_).outcome, ReloadOutcome::kDone);
    EXPECT_EQ(device.image(), after_);
    std::cout << GetParam().name << ": " << cuts.tallies()[0].tried << " cuts, in continuations "
              << cuts.tallies()[1].tried << " of " << cuts.tallies()[1].found << "\n";
    EXPECT_GT(continued_, 0u);
    for (const auto& failure : cuts.failures()) {
      ADD_FAILURE() << norsim::to_string(failure.path) << ": " << failure.what;
    }
    EXPECT_EQ(cuts.failed(), 0u);
  }
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
