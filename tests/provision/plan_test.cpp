// What a plan does, in which order, and why.
#include <gmock/gmock.h>

#include <algorithm>

#include "board.h"
#include "image/firmware.h"
#include "provision/apply.h"
#include "provision/intel_hex.h"

namespace flashstore::test {
namespace {

using provision::Plan;
using provision::RegionPolicy;
using provision::Step;
using provision::StepKind;

TEST(Plan, WritesTheFirmwaresFirstSectorLastAndErasesItFirst) {
  const Plan plan = plan_of(Board());
  const auto steps = static_cast<int>(plan.steps.size());
  EXPECT_EQ(last(plan, StepKind::kWrite, 0), steps - 1);
  EXPECT_EQ(last(plan, StepKind::kErase, 0), 1);  // behind the backup
  EXPECT_EQ(last(plan, StepKind::kBackup, 0x10000), 0);
}

TEST(Plan, WritesTheHeaderOfLfsBehindEverythingOfIt) {
  const Plan plan = plan_of(Board());
  const int header = last(plan, StepKind::kWrite, kLfsAddress);
  EXPECT_LT(last(plan, StepKind::kErase, kLfsAddress), last(plan, StepKind::kWrite, 0x11000));
  EXPECT_LT(last(plan, StepKind::kWrite, 0x10000), header);
  EXPECT_LT(last(plan, StepKind::kWrite, plan.table.find(partition::kLilotafs)->address), header);
  EXPECT_EQ(header, static_cast<int>(plan.steps.size()) - 2);
}

TEST(Plan, HasStepsOnlyAfterThoseTheyNeed) {
  const Plan plan = plan_of(Board());
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    for (const uint32_t before : plan.steps[i].after) {
      EXPECT_LT(before, i);
    }
  }
  const auto& first_sector = plan.steps.back();
  for (uint32_t i = 0; i + 1 < plan.steps.size(); ++i) {
    const bool writes = plan.steps[i].kind == StepKind::kWrite;
    EXPECT_EQ(std::ranges::count(first_sector.after, i), writes ? 1 : 0) << i;
  }
}

TEST(Plan, GivesLfsUpIfOnlyTheFirmwareChanges) {
  Board board;
  board.manifest.lfs = {};
  const Plan plan = plan_of(board);
  const int erase = last(plan, StepKind::kErase, kLfsAddress);
  ASSERT_GE(erase, 0);
  EXPECT_THAT(plan.steps[static_cast<size_t>(erase)].reason,
              ::testing::HasSubstr("the firmware changes, and LFS is not in the plan"));
  EXPECT_LT(erase, last(plan, StepKind::kWrite, 0x11000));
  EXPECT_TRUE(
      std::ranges::any_of(plan.notes, [](const auto& note) { return note.id == "lfs-erased"; }));
}

TEST(Plan, GivesUpTheImageOfTheTableTheDeviceHad) {
  Board old;
  old.write("fw.bin", firmware("flashstore-firmware float", "0", kEnd + 0x8000));
  const auto flash = applied(plan_of(old));
  Board board;
  board.device.page.assign(flash.begin() + 0x10000, flash.begin() + 0x11000);
  const Plan plan = plan_of(board);
  EXPECT_GE(last(plan, StepKind::kErase, 0x20000), 0);
}

TEST(Plan, IsTheSameOfTheSame) {
  Board board;
  const Plan one = plan_of(board);
  const Plan other = plan_of(board);
  EXPECT_EQ(one.steps, other.steps);
  EXPECT_EQ(one.inputs, other.inputs);
}

TEST(Plan, CoversTheWholeFlashWithRegions) {
  const Plan plan = plan_of(Board());
  uint32_t at = 0;
  for (const auto& region : plan.regions) {
    EXPECT_EQ(region.address, at) << region.name;
    at = region.address + region.bytes;
  }
  EXPECT_EQ(at, kFlashBytes);
  for (const auto& region : plan.regions) {
    if (region.name == "rf-cal" || region.name == "system-parameter") {
      EXPECT_EQ(region.policy, RegionPolicy::kKept);
    }
  }
}

TEST(Plan, FinishesThePartitionTableAndPatchesTheHeader) {
  Board board;
  board.manifest.flash = {.bytes = 0x200000, .mode = "qio", .frequency = "80m"};
  const auto flash = applied(plan_of(board));
  const auto made = image::read_firmware(flash);
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made.value().header.flash_bytes(), 0x200000u);
  EXPECT_EQ(image::flash_mode_name(made.value().header.mode), "qio");
  EXPECT_EQ(image::flash_speed_name(made.value().header), "80m");
  ASSERT_TRUE(made.value().table.has_value());
  EXPECT_FALSE(made.value().table->firmware_end.has_value());
  EXPECT_TRUE(validate(*made.value().table, 0x200000).ok());
}

TEST(Plan, KeepsTheTableOfADevice) {
  Board old;
  old.manifest.partitions.lfs = {0x20000, 0x8000};
  const auto flash = applied(plan_of(old));
  Board board;
  board.manifest.firmware = "";
  board.manifest.partitions.policy = provision::TablePolicy::kDevice;
  board.device = {{flash.begin() + 0x10000, flash.begin() + 0x11000}, kFlashBytes};
  const Plan plan = plan_of(board);
  EXPECT_FALSE(plan.writes_page);
  EXPECT_EQ(last(plan, StepKind::kWrite, 0), -1);
  EXPECT_GE(last(plan, StepKind::kWrite, 0x20000), 0);
  EXPECT_EQ(applied(plan, flash), flash);
}

TEST(IntelHex, HasTheSectorsThatAreNotBlank) {
  std::vector<uint8_t> flash(0x20000, 0xFF);
  flash[0x11000] = 0x12;
  const std::string text = provision::intel_hex(flash);
  EXPECT_EQ(text.substr(0, 16), ":020000040001F9\n");
  EXPECT_EQ(text.substr(16, 76), ":2010000012" + std::string(62, 'F') + "DD\n");
  EXPECT_EQ(std::ranges::count(text, '\n'), 2 + 0x1000 / 32);
  EXPECT_TRUE(text.ends_with(":00000001FF\n"));
}

}  // namespace
}  // namespace flashstore::test
