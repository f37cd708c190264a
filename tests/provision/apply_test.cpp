// Power goes while a plan is applied: what the device is then, and whether another run brings it to
// where the first one would have.
#include <gtest/gtest.h>

#include <cstdlib>

#include "apply_cuts.h"
#include "board.h"
#include "core/bytes.h"
#include "image/firmware.h"
#include "luac/target.h"
#include "luaflash/boot_check.h"
#include "luaflash/format.h"
#include "provision/apply.h"
#include "provision/image_chip.h"

namespace flashstore::test {
namespace {

using provision::Plan;

struct Scenario {
  const char* name;
  bool old_board;     // or a blank one
  bool moves_tables;  // LFS was elsewhere
  bool firmware;
  bool lfs;
  bool files;
};

void PrintTo(const Scenario& scenario, std::ostream* stream) {
  *stream << scenario.name;
}

class Cuts : public ::testing::TestWithParam<Scenario>, protected ApplyCuts {
 protected:
  void SetUp() override {
    if (GetParam().old_board) {
      Board old;
      const uint32_t end = GetParam().moves_tables ? kEnd + 0x4000 : kEnd;
      old.write("fw.bin", firmware("flashstore-firmware float", "old", end));
      old.write("app/main.lua", "return 'old'");
      old.write("fs/init.lua", "print 'old'");
      before_ = applied(old.plan().value());
    } else {
      before_.assign(kFlashBytes, 0xFF);
    }
    Board board;
    if (!GetParam().firmware) {
      board.manifest.firmware = "";
      board.manifest.partitions.policy = provision::TablePolicy::kDevice;
    }
    if (!GetParam().lfs) {
      board.manifest.lfs = {};
    }
    if (!GetParam().files) {
      board.manifest.lilotafs = {};
    }
    if (GetParam().old_board) {
      board.device = {{before_.begin() + 0x10000, before_.begin() + 0x11000}, kFlashBytes};
    }
    plan_ = board.plan().value();
    after_ = applied(plan_, before_);
    ASSERT_NE(before_, after_);
  }

  // Whether an image boots from the LFS partition of a table that holds, by what a device looks at.
  std::string judge_lfs(const Bytes& flash, const Bytes& table_of) const {
    partition::Table table;
    if (!image::read_page(std::span(table_of).subspan(0x10000, 0x1000), table).ok()) {
      return "";
    }
    const auto* lfs = table.find(partition::kLfs);
    const auto part = std::span(flash).subspan(lfs->address, lfs->bytes);
    if (luaflash::boot_check(part, luaflash::kFlashWindow + lfs->address,
                             luac::signature(luac::Flavour::kFloat)) !=
        luaflash::BootVerdict::kOk) {
      return "";
    }
    const uint32_t image = core::load_word(part, 4);
    constexpr uint32_t kText = 0x11000;
    const uint32_t text_bytes = GetParam().moves_tables ? 0x5000 : 0x7000;
    const bool old =
        same(flash, before_, lfs->address, image) && same(flash, before_, kText, text_bytes);
    const bool all_new = same(flash, after_, lfs->address, image) &&
                         same(flash, after_, kText, text_bytes) &&
                         same(flash, after_, 0x10000, 0x1000);
    return old || all_new ? "" : "an LFS image would run under another firmware, or half of one";
  }

  // What a device would make of `flash`.
  std::string judge(const Bytes& flash) const override {
    const auto booted = image::read_firmware(flash);
    const bool firmware_old = same(flash, before_, 0, 0x1000);
    if (GetParam().firmware && booted.ok() && !firmware_old && flash != after_) {
      return "the new firmware boots before all is there";
    }
    if (GetParam().firmware && firmware_old && booted.ok() && flash != before_) {
      return "the old firmware boots with something new";
    }
    for (const Bytes* table : {&before_, &after_}) {
      if (const std::string wrong = judge_lfs(flash, *table); !wrong.empty()) {
        return wrong;
      }
    }
    return "";
  }
};

TEST_P(Cuts, LeaveOldNewOrNothingAndASecondRunFinishes) {
  norsim::CutChoice choice;
  const bool is_small = !GetParam().firmware && !GetParam().files;
  const bool deep = std::getenv("FLASHSTORE_DEEP") != nullptr;
  if (!deep || !is_small) {
    choice.data_breaks = 4;
    choice.torn = 2;
  }
  cut_anywhere(choice, deep || is_small ? 1 : 4);
}

TEST_P(Cuts, AtTheBeginningOfEachStepAreTriedAll) {
  stop_before_each_step();
}

TEST_P(Cuts, DoNotMatterToAChipThatHasEverything) {
  norsim::Flash flash = chip_with(after_);
  norsim::OperationLog log;
  flash.watch(&log);
  provision::ImageChip chip(flash);
  const auto done = provision::apply(plan_, chip, {});
  ASSERT_TRUE(done.ok());
  EXPECT_TRUE(done.value().was_there);
  EXPECT_TRUE(log.entries().empty());
}

INSTANTIATE_TEST_SUITE_P(Boards, Cuts,
                         ::testing::Values(Scenario{"blank", false, false, true, true, true},
                                           Scenario{"all", true, false, true, true, true},
                                           Scenario{"moved", true, true, true, true, true},
                                           Scenario{"firmware", true, false, true, false, false},
                                           Scenario{"lfs", true, false, false, true, false},
                                           Scenario{"lfs_and_files", true, false, false, true,
                                                    true}),
                         [](const auto& scenario) { return scenario.param.name; });

class Lying final : public provision::Chip {
 public:
  explicit Lying(norsim::Flash& flash) : chip_(flash) {}
  std::optional<provision::Problem> open(uint32_t bytes) override { return chip_.open(bytes); }
  core::Result<Bytes, provision::Problem> read(uint32_t address, uint32_t bytes) override {
    return chip_.read(address, bytes);
  }
  std::optional<provision::Problem> erase(uint32_t, uint32_t) override { return std::nullopt; }
  std::optional<provision::Problem> write(std::span<const Piece> pieces,
                                          const std::function<void(size_t)>& verified) override {
    ++writes;
    return chip_.write(pieces, verified);
  }
  core::Result<bool, provision::Problem> holds(const Piece& piece) override {
    return chip_.holds(piece);
  }
  int writes = 0;

 private:
  provision::ImageChip chip_;
};

TEST(Apply, StopsAtAnEraseThatDidNothing) {
  Board board;
  const Plan plan = board.plan().value();
  norsim::Flash flash = chip_with(Bytes(kFlashBytes, 0));
  Lying chip(flash);
  const auto done = provision::apply(plan, chip, {});
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().diagnostic.id, "not-erased");
  EXPECT_EQ(chip.writes, 0);
}

TEST(Apply, KeepsThePageThatWasThereOnce) {
  Board old;
  old.write("fw.bin", firmware("flashstore-firmware float", "old", kEnd + 0x4000));
  const Bytes before = applied(old.plan().value());
  Board board;
  const Plan plan = board.plan().value();
  norsim::Flash flash = chip_with(before);
  provision::ImageChip chip(flash);
  std::vector<Bytes> kept;
  const provision::ApplyHost host{.keep_page = [&](std::span<const uint8_t> page) {
    kept.emplace_back(page.begin(), page.end());
    return std::optional<provision::Problem>();
  }};
  ASSERT_TRUE(provision::apply(plan, chip, host).ok());
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0], Bytes(before.begin() + 0x10000, before.begin() + 0x11000));
  flash.erase(0);  // an interrupted run: the page is the new one already
  ASSERT_TRUE(provision::apply(plan, chip, host).ok());
  EXPECT_EQ(kept.size(), 1u);
}

TEST(Apply, RefusesADeviceWithAnotherTableThanThePlanWasMadeFor) {
  Board old;
  const Bytes flash_bytes = applied(old.plan().value());
  Board board;
  board.manifest.firmware = "";
  board.manifest.partitions.policy = provision::TablePolicy::kDevice;
  board.device = {{flash_bytes.begin() + 0x10000, flash_bytes.begin() + 0x11000}, kFlashBytes};
  const Plan plan = board.plan().value();
  norsim::Flash flash = chip_with(Bytes(kFlashBytes, 0xFF));
  provision::ImageChip chip(flash);
  const auto done = provision::apply(plan, chip, {});
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().diagnostic.id, "other-table");
  EXPECT_EQ(flash.contents().bytes(), Bytes(kFlashBytes, 0xFF));
}

}  // namespace
}  // namespace flashstore::test
