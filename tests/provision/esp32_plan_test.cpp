// What a plan for an ESP32 does, in which order, and why.
#include <gmock/gmock.h>

#include <algorithm>

#include "core/bytes.h"
#include "esp32_board.h"
#include "host/json.h"
#include "image/firmware_header.h"
#include "luaflash/image_view.h"
#include "provision/plan_file.h"

namespace flashstore::test {
namespace {

using provision::Plan;
using provision::RegionPolicy;
using provision::StepKind;
using ::testing::Contains;
using ::testing::Field;
using ::testing::Not;

bool touches(const Plan& plan, uint32_t address) {
  return last(plan, StepKind::kWrite, address) >= 0 || last(plan, StepKind::kErase, address) >= 0;
}

std::string at(const std::vector<uint8_t>& flash, uint32_t address, size_t bytes) {
  return as_text(flash).substr(address, bytes);
}

auto has_note(const std::string& id) {
  return Contains(Field(&provision::Diagnostic::id, id));
}

TEST(Esp32Plan, PutsEachFileWhereItBelongs) {
  Esp32Board board;
  const auto flash = applied(plan_of(board));
  const std::string boot = esp32_firmware("boot loader, new", 3);
  const std::string app = esp32_firmware("app, new", 4);
  const std::string table = esp32_table(esp32_partitions());
  EXPECT_TRUE(at(flash, kBoot, boot.size()) == boot);
  EXPECT_TRUE(at(flash, kIdfTable, table.size()) == table);
  EXPECT_TRUE(at(flash, kFactory, app.size()) == app);
  const auto lfs = std::span(flash).subspan(kIdfLfs, kLfsBytes);
  const auto view = luaflash::open_image(lfs.first(core::load_word(lfs, 4)));
  ASSERT_TRUE(view.ok());
  EXPECT_TRUE(view.value().absolute());
  EXPECT_EQ(view.value().base(), kMapped);
}

TEST(Esp32Plan, WritesTheBootLoadersFirstSectorLastAndErasesItFirst) {
  const Plan plan = plan_of(Esp32Board());
  EXPECT_EQ(last(plan, StepKind::kBackup, kIdfTable), 0);
  EXPECT_EQ(last(plan, StepKind::kErase, kBoot), 1);
  EXPECT_EQ(last(plan, StepKind::kWrite, kBoot), static_cast<int>(plan.steps.size()) - 1);
  EXPECT_EQ(last(plan, StepKind::kWrite, kIdfLfs), static_cast<int>(plan.steps.size()) - 2);
}

TEST(Esp32Plan, WritesAnAppAloneWithItsFirstSectorLast) {
  auto alone = esp32_partitions();
  alone.erase(alone.begin() + 3);  // ota_0
  Esp32Board board;
  board.write("table.bin", esp32_table(alone));
  board.manifest.bootloader = "";
  const Plan plan = plan_of(board);
  EXPECT_FALSE(touches(plan, kBoot));
  EXPECT_EQ(last(plan, StepKind::kErase, kFactory), 1);
  EXPECT_EQ(last(plan, StepKind::kWrite, kFactory), static_cast<int>(plan.steps.size()) - 1);
}

TEST(Esp32Plan, WritesLfsBehindTheAppWhereAnotherAppMayBoot) {
  Esp32Board board;
  board.manifest.bootloader = "";
  const Plan plan = plan_of(board);
  const auto steps = static_cast<int>(plan.steps.size());
  EXPECT_EQ(last(plan, StepKind::kWrite, kFactory), steps - 2);
  EXPECT_EQ(last(plan, StepKind::kWrite, kIdfLfs), steps - 1);
}

TEST(Esp32Plan, TouchesNothingElse) {
  const Plan plan = plan_of(Esp32Board());
  for (const uint32_t address : {0u, 0x9000u, kOtaData, kOta, 0x80000u}) {
    EXPECT_FALSE(touches(plan, address)) << address;
  }
  uint32_t end = 0;
  for (const auto& region : plan.regions) {
    EXPECT_EQ(region.address, end) << region.name;
    end = region.address + region.bytes;
    if (region.name == "nvs" || region.name == "otadata" || region.name == "ota_0") {
      EXPECT_EQ(region.policy, RegionPolicy::kKept);
    }
  }
  EXPECT_EQ(end, kFlashBytes);
  EXPECT_THAT(plan.notes, has_note("otadata-kept"));
}

TEST(Esp32Plan, ErasesOtaDataIfItIsTold) {
  Esp32Board board;
  board.manifest.erases_otadata = true;
  const Plan plan = plan_of(board);
  EXPECT_GE(last(plan, StepKind::kErase, kOtaData), 0);
  EXPECT_GE(last(plan, StepKind::kErase, kOtaData + 0x1000), 0);
  EXPECT_THAT(plan.notes, Not(has_note("otadata-kept")));
}

TEST(Esp32Plan, ChangesTheBootLoadersHeaderWithItsDigestAndNoOthers) {
  Esp32Board board;
  board.manifest.flash = {.bytes = 0x400000, .mode = "qio", .frequency = "80m"};
  const auto flash = applied(plan_of(board));
  const auto boot = image::read_firmware_header(std::span(flash).subspan(kBoot));
  ASSERT_TRUE(boot.ok()) << name(boot.error().flaw);  // the digest is looked at
  EXPECT_TRUE(boot.value().has_digest);
  EXPECT_EQ(boot.value().flash_bytes(), 0x400000u);
  EXPECT_EQ(image::flash_mode_name(boot.value().mode), "qio");
  EXPECT_EQ(image::flash_speed_name(boot.value()), "80m");
  const std::string app = esp32_firmware("app, new", 4);
  EXPECT_TRUE(at(flash, kFactory, app.size()) == app);
}

TEST(Esp32Plan, TakesAppPartitionAndFilesPartitionByLabel) {
  Esp32Board board;
  board.manifest.partitions.app = "ota_0";
  auto partitions = esp32_partitions();
  partitions[5].set_name("data");
  board.write("table.bin", esp32_table(partitions));
  board.manifest.partitions.lilotafs.label = "data";
  const Plan plan = plan_of(board);
  EXPECT_FALSE(touches(plan, kFactory));
  EXPECT_TRUE(touches(plan, kOta));
  EXPECT_TRUE(touches(plan, kIdfFiles));
}

TEST(Esp32Plan, TakesTheFirstOtaPartitionWhereThereIsNoFactory) {
  Esp32Board board;
  auto partitions = esp32_partitions();
  partitions.erase(partitions.begin() + 2);
  board.write("table.bin", esp32_table(partitions));
  EXPECT_TRUE(touches(plan_of(board), kOta));
}

TEST(Esp32Plan, TakesOneMergedFileFromEitherBeginning) {
  Esp32Board board;
  board.manifest.lfs = {};
  board.manifest.lilotafs = {};
  const auto flash = applied(plan_of(board));
  board.manifest.bootloader = "";
  board.manifest.partition_table = "";
  for (const uint32_t begin : {0u, kBoot}) {
    board.write("fw.bin", at(flash, begin, kFactory + 0x4000 - begin));
    const Plan plan = plan_of(board);
    EXPECT_TRUE(applied(plan) == flash) << begin;
    EXPECT_EQ(last(plan, StepKind::kWrite, kBoot), static_cast<int>(plan.steps.size()) - 1);
    EXPECT_FALSE(touches(plan, kOtaData));
  }
}

TEST(Esp32Plan, WritesTheOtherPartitionsThatAMergedFileHasSomethingFor) {
  Esp32Board board;
  board.manifest.lfs = {};
  board.manifest.lilotafs = {};
  std::string merged = as_text(applied(plan_of(board)));
  merged.replace(kOtaData, 4, "\x01\x02\x03\x04");
  const std::string other = esp32_firmware("app, other", 1);
  merged.replace(kOta, other.size(), other);
  board.manifest.bootloader = "";
  board.manifest.partition_table = "";
  board.write("fw.bin", merged);
  const Plan plan = plan_of(board);
  EXPECT_TRUE(as_text(applied(plan)) == merged);
  EXPECT_GE(last(plan, StepKind::kWrite, kOtaData + 0x1000), 0);  // all of it
  EXPECT_THAT(plan.notes, Not(has_note("otadata-kept")));
}

TEST(Esp32Plan, WritesAPartitionOfDataToItsEndWhereAMergedFileEndsInIt) {
  constexpr uint32_t kData = 0x90000;
  auto partitions = esp32_partitions();
  partition::IdfPartition data{.type = 1, .subtype = 0x40, .address = kData, .bytes = 0x4000};
  data.set_name("data");
  partitions.push_back(data);
  Esp32Board board;
  board.write("table.bin", esp32_table(partitions));
  board.manifest.lfs = {};
  board.manifest.lilotafs = {};
  const std::string merged = at(applied(plan_of(board)), 0, kData) + "data";
  board.manifest.bootloader = "";
  board.manifest.partition_table = "";
  board.write("fw.bin", merged);
  EXPECT_GE(last(plan_of(board), StepKind::kWrite, kData + 0x3000), 0);
}

TEST(Esp32Plan, GivesLfsUpIfOnlyTheFirmwareChanges) {
  Esp32Board board;
  board.manifest.lfs = {};
  const Plan plan = plan_of(board);
  EXPECT_GE(last(plan, StepKind::kErase, kIdfLfs), 0);
  EXPECT_LT(last(plan, StepKind::kErase, kIdfLfs), last(plan, StepKind::kWrite, kFactory));
  EXPECT_THAT(plan.notes, has_note("lfs-erased"));
  board.manifest.firmware = "";  // a new boot loader changes nothing for LFS
  EXPECT_FALSE(touches(plan_of(board), kIdfLfs));
}

TEST(Esp32Plan, GivesUpTheImageOfTheTableTheDeviceHad) {
  Esp32Board old("old");
  const auto flash = applied(plan_of(old));
  Esp32Board board;
  board.move_lfs(0x80000);
  board.plan_for(flash);
  EXPECT_GE(last(plan_of(board), StepKind::kErase, kIdfLfs), 0);
}

TEST(Esp32Plan, KeepsTheTableOfADevice) {
  Esp32Board old("old");
  old.move_lfs(0x80000);
  const auto flash = applied(plan_of(old));
  Esp32Board board;
  board.manifest.bootloader = "";
  board.manifest.partition_table = "";
  board.manifest.firmware = "";
  board.manifest.partitions.policy = provision::TablePolicy::kDevice;
  board.plan_for(flash);
  const Plan plan = plan_of(board);
  EXPECT_FALSE(plan.writes_page);
  EXPECT_FALSE(touches(plan, kIdfTable));
  EXPECT_TRUE(touches(plan, 0x80000));
  EXPECT_FALSE(applied(plan, flash) == flash);
}

TEST(Esp32Plan, MovesPartitionsOfADevice) {
  Esp32Board old("old");
  const auto flash = applied(plan_of(old));
  Esp32Board board;
  board.manifest.bootloader = "";
  board.manifest.partition_table = "";
  board.manifest.firmware = "";
  board.manifest.partitions.policy = provision::TablePolicy::kDevice;
  board.manifest.partitions.lfs.address = 0x80000;
  board.plan_for(flash);
  const Plan plan = plan_of(board);
  EXPECT_TRUE(plan.writes_page);
  EXPECT_GE(last(plan, StepKind::kErase, kIdfLfs), 0);
  auto wanted = esp32_partitions();
  wanted[4].address = 0x80000;
  const std::string table = esp32_table(wanted);
  EXPECT_TRUE(at(applied(plan, flash), kIdfTable, table.size()) == table);
}

TEST(Esp32Plan, TakesATableWithoutDigest) {
  Esp32Board board;
  const std::string table = esp32_table(esp32_partitions(), false);
  board.write("table.bin", table);
  EXPECT_TRUE(at(applied(plan_of(board)), kIdfTable, table.size()) == table);
}

TEST(Esp32Plan, IsMadeAgainOfItsFile) {
  Esp32Board old("old");
  Esp32Board board;
  board.plan_for(applied(plan_of(old)));
  board.manifest.erases_otadata = true;
  board.manifest.partitions.app = "factory";
  board.manifest.partitions.lfs.label = "lfs";
  const std::string text = host::to_text(to_json(plan_of(board), "."));
  const auto parsed = provision::parse_plan("plan.json", text);
  ASSERT_TRUE(parsed.ok()) << parsed.error().diagnostic.message;
  const auto again = provision::make_again(parsed.value(), board.path("."));
  ASSERT_TRUE(again.ok()) << again.error().diagnostic.message;
  EXPECT_EQ(host::to_text(to_json(again.value(), ".")), text);
}

}  // namespace
}  // namespace flashstore::test
