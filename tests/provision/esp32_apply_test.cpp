// Power goes while a plan for an ESP32 is applied: what the device is then, and whether another run
// brings it to where the first one would have.
#include <gtest/gtest.h>

#include <cstdlib>

#include "apply_cuts.h"
#include "core/bytes.h"
#include "esp32_board.h"
#include "image/firmware_header.h"
#include "luaflash/boot_check.h"
#include "provision/apply.h"
#include "provision/image_chip.h"

namespace flashstore::test {
namespace {

using partition::IdfPartition;
using provision::Plan;

struct Scenario {
  const char* name;
  bool old_board;  // or a blank one
  bool moves_lfs;
  bool bootloader;
  bool app;
  bool lfs;
};

void PrintTo(const Scenario& scenario, std::ostream* stream) {
  *stream << scenario.name;
}

class Esp32Cuts : public ::testing::TestWithParam<Scenario>, protected ApplyCuts {
 protected:
  void SetUp() override {
    before_.assign(kFlashBytes, 0xFF);
    if (GetParam().old_board) {
      // As it came over the air: another app that the boot loader falls back to.
      Esp32Board old("old");
      before_ = applied(old.plan().value());
      const std::string other = esp32_firmware("app, old", 4);
      std::copy(other.begin(), other.end(), before_.begin() + kOta);
    }
    Esp32Board board;
    if (GetParam().moves_lfs) {
      board.move_lfs(0x80000);
    }
    if (!GetParam().bootloader) {
      board.manifest.bootloader = "";
    }
    if (!GetParam().app) {
      board.manifest.firmware = "";
    }
    if (!GetParam().lfs) {
      board.manifest.lfs = {};
    }
    if (GetParam().old_board) {
      board.plan_for(before_);
    }
    plan_ = board.plan().value();
    after_ = applied(plan_, before_);
    ASSERT_FALSE(before_ == after_);
  }

  // The app a boot loader would start, as it looks in `flash`; 0: none.
  static uint32_t booted_app(const Bytes& flash) {
    if (!image::read_firmware_header(std::span(flash).subspan(kBoot)).ok()) {
      return 0;
    }
    std::array<IdfPartition, 16> room;
    const auto table = partition::read_idf_table(std::span(flash).subspan(kIdfTable, 0x1000), room);
    if (!table.ok()) {
      return 0;
    }
    for (const IdfPartition& partition : table.value().partitions) {
      const bool is_app = partition.type == 0;
      if (is_app && image::read_firmware_header(std::span(flash).subspan(partition.address)).ok()) {
        return partition.address;
      }
    }
    return 0;
  }

  // Where the table in `flash` has LFS.
  static uint32_t lfs_address(const Bytes& flash) {
    std::array<IdfPartition, 16> room;
    const auto table = partition::read_idf_table(std::span(flash).subspan(kIdfTable, 0x1000), room);
    for (const IdfPartition& partition : table.value().partitions) {
      if (partition.type == partition::kIdfLfsType) {
        return partition.address;
      }
    }
    return 0;
  }

  // What a device would make of `flash`.
  std::string judge(const Bytes& flash) const override {
    const uint32_t app = booted_app(flash);
    if (app == 0) {
      return "";
    }
    const bool is_new = GetParam().app && app == kFactory && same(flash, after_, app, 0x4000);
    const bool is_old = app == kOta ? same(flash, before_, app, 0x4000)
                                    : GetParam().old_board && same(flash, before_, app, 0x4000);
    if (!is_new && !is_old) {
      return "half an app boots";
    }
    if (is_new && GetParam().bootloader && flash != after_) {
      return "the new firmware boots before all is there";
    }
    const uint32_t lfs = lfs_address(flash);
    const auto part = std::span(flash).subspan(lfs, kLfsBytes);
    if (luaflash::boot_check(part, kMapped, luac::signature(luac::Flavour::kFloat)) !=
        luaflash::BootVerdict::kOk) {
      return "";
    }
    const uint32_t image = core::load_word(part, 4);
    if (same(flash, before_, lfs, image) && is_old) {
      return "";
    }
    // What is new is for the new app; alone, for the one there is.
    const bool fits = is_new || !GetParam().app;
    return same(flash, after_, lfs, image) && fits
               ? ""
               : "an LFS image would run under another firmware, or half of one";
  }
};

TEST_P(Esp32Cuts, LeaveOldNewOrNothingAndASecondRunFinishes) {
  cut_anywhere({.data_breaks = 4, .torn = 2}, std::getenv("FLASHSTORE_DEEP") != nullptr ? 1 : 8);
}

TEST_P(Esp32Cuts, AtTheBeginningOfEachStepAreTriedAll) {
  stop_before_each_step();
}

INSTANTIATE_TEST_SUITE_P(Boards, Esp32Cuts,
                         ::testing::Values(Scenario{"blank", false, false, true, true, true},
                                           Scenario{"all", true, false, true, true, true},
                                           Scenario{"moved", true, true, true, true, true},
                                           Scenario{"app_and_lfs", true, false, false, true, true},
                                           Scenario{"app", true, false, false, true, false},
                                           Scenario{"lfs", true, false, false, false, true}),
                         [](const auto& scenario) { return scenario.param.name; });

TEST(Esp32Apply, KeepsTheTableThatWasThere) {
  const Bytes before = applied(Esp32Board("old").plan().value());
  Esp32Board board;
  board.move_lfs(0x80000);
  norsim::Flash flash = chip_with(before);
  provision::ImageChip chip(flash);
  std::vector<Bytes> kept;
  const provision::ApplyHost host{.keep_page = [&](std::span<const uint8_t> page) {
    kept.emplace_back(page.begin(), page.end());
    return std::optional<provision::Problem>();
  }};
  const Plan plan = board.plan().value();
  ASSERT_TRUE(provision::apply(plan, chip, host).ok());
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_TRUE(std::equal(kept[0].begin(), kept[0].end(), before.begin() + kIdfTable));
  flash.erase(kBoot);  // an interrupted run: the table is the new one already
  ASSERT_TRUE(provision::apply(plan, chip, host).ok());
  EXPECT_EQ(kept.size(), 1u);
}

TEST(Esp32Apply, RefusesADeviceWithAnotherTableThanThePlanWasMadeFor) {
  Esp32Board board;
  board.manifest.bootloader = "";
  board.manifest.partition_table = "";
  board.manifest.firmware = "";
  board.manifest.partitions.policy = provision::TablePolicy::kDevice;
  board.plan_for(applied(Esp32Board("old").plan().value()));
  const Plan plan = board.plan().value();
  norsim::Flash flash = chip_with(Bytes(kFlashBytes, 0xFF));
  provision::ImageChip chip(flash);
  const auto done = provision::apply(plan, chip, {});
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().diagnostic.id, "other-table");
  EXPECT_TRUE(flash.contents().bytes() == Bytes(kFlashBytes, 0xFF));
}

}  // namespace
}  // namespace flashstore::test
