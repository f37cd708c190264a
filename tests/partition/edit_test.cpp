#include "partition/edit.h"

#include <gtest/gtest.h>

#include "partition/factory_table.h"
#include "partition/idf_table.h"

namespace flashstore::partition {
namespace {

Table factory(uint32_t lfs_bytes, uint32_t files_bytes) {
  return factory_table(0x40293000, lfs_bytes, files_bytes);
}

// As the first boot of an original firmware leaves it.
Table booted(uint32_t lfs_bytes, uint32_t files_bytes, uint32_t flash_bytes = k4MiB) {
  Table table = factory(lfs_bytes, files_bytes);
  EXPECT_TRUE(allocate(table, flash_bytes).ok());
  return table;
}

TEST(Change, OfASizeLeavesTheAddress) {
  Table table = booted(0x10000, 0x100000);
  ASSERT_TRUE(change(table, {kLfs, {}, 0x20000}, k4MiB));
  expect_at(table, kLfs, 0x94000, 0x20000);
  EXPECT_TRUE(validate(table, k4MiB).ok());
}

TEST(Change, OfAnAddressLeavesTheSizeAndKeepsTheOrder) {
  Table table = booted(0x10000, 0x100000);
  ASSERT_TRUE(change(table, {kLilotafs, 0x300000}, k4MiB));
  ASSERT_TRUE(change(table, {kFreezer, 0xB0000, 0x10000}, k4MiB));
  ASSERT_TRUE(change(table, {kLfs, 0xC0000}, k4MiB));
  expect_at(table, kLilotafs, 0x300000, 0x100000);
  expect_at(table, kLfs, 0xC0000, 0x10000);
  EXPECT_EQ(validate(table, k4MiB).flaw, TableFlaw::kOverlap);  // with the system parameters
  ASSERT_TRUE(change(table, {kLilotafs, {}, 0xFD000}, k4MiB));
  EXPECT_TRUE(validate(table, k4MiB).ok());
}

TEST(Change, NeverMovesAnything) {
  Table table = booted(0x10000, kAllTheRest);
  ASSERT_TRUE(change(table, {kLfs, {}, 0x20000}, k4MiB));
  const TableVerdict verdict = validate(table, k4MiB);
  EXPECT_EQ(verdict.flaw, TableFlaw::kOverlap);
  EXPECT_EQ(table.entries[verdict.entry].type, kLilotafs);
  EXPECT_EQ(table.entries[verdict.other].type, kLfs);
}

TEST(Change, TakesAPartitionAway) {
  Table table = booted(0x10000, kAllTheRest);
  ASSERT_TRUE(change(table, {kLfs, {}, 0}, k4MiB));
  EXPECT_EQ(table.find(kLfs), nullptr);
  EXPECT_EQ(table.count, 6u);
  ASSERT_TRUE(change(table, {kLfs, {}, 0}, k4MiB));  // nothing to take
  EXPECT_TRUE(validate(table, k4MiB).ok());
}

TEST(Change, PutsNewOnesWhereTheFirstBootWould) {
  for (const uint32_t lfs : {0u, 0x10000u}) {
    for (const uint32_t files : {0u, 0x40000u, 0x2FD000u, 0x300000u}) {
      Table table = booted(0, 0);
      ASSERT_TRUE(change(table, {kLfs, {}, lfs}, k4MiB));
      ASSERT_TRUE(change(table, {kLilotafs, {}, files}, k4MiB));
      EXPECT_EQ(table, booted(lfs, files)) << lfs << " " << files;
      EXPECT_TRUE(validate(table, k4MiB).ok());
    }
    Table table = booted(0, 0);
    ASSERT_TRUE(change(table, {kLilotafs, {}, kAllTheRest}, k4MiB));
    EXPECT_EQ(table, booted(0, kAllTheRest));
  }
}

TEST(Change, PutsNewFilesBehindWhatReachesPastTheirUsualPlace) {
  Table table = booted(0, 0);
  table.entries[4] = {kTlsCertificates, 0x94000, 0x80000};
  ASSERT_TRUE(table.add({kSystemParameter, k4MiB - 0x3000, 0x3000}));
  ASSERT_TRUE(change(table, {kLilotafs, {}, 0x10000}, k4MiB));
  expect_at(table, kLilotafs, 0x114000, 0x10000);
  EXPECT_TRUE(validate(table, k4MiB).ok());
}

TEST(Change, AllTheRestEndsAtTheSystemParameters) {
  Table table = booted(0x10000, 0x10000);
  ASSERT_TRUE(change(table, {kLilotafs, 0x200000, kAllTheRest}, k4MiB));
  expect_at(table, kLilotafs, 0x200000, 0x1FD000);
  ASSERT_TRUE(change(table, {kSystemParameter, {}, 0}, k4MiB));
  ASSERT_TRUE(change(table, {kLilotafs, {}, kAllTheRest}, k4MiB));
  expect_at(table, kLilotafs, 0x200000, 0x200000);
}

TEST(Change, OfAFactoryTableIsLeftToTheFirstBoot) {
  Table table = factory(0, 0);
  ASSERT_TRUE(change(table, {kLfs, {}, 0x20000}, k4MiB));
  ASSERT_TRUE(change(table, {kLilotafs, {}, kAllTheRest}, k4MiB));
  EXPECT_TRUE(table.firmware_end);
  ASSERT_TRUE(allocate(table, k4MiB).ok());
  EXPECT_EQ(table, booted(0x20000, kAllTheRest));
}

TEST(Change, OfAFactoryTableCountsAllTheRestFromItsAddress) {
  Table table = factory(0x10000, 0);
  ASSERT_TRUE(change(table, {kLilotafs, 0x200000, kAllTheRest}, k4MiB));
  ASSERT_TRUE(allocate(table, k4MiB).ok());
  expect_at(table, kLilotafs, 0x200000, 0x1FD000);
}

TEST(Change, WantsASizeForWhatComes) {
  Table table = booted(0, 0);
  ASSERT_TRUE(change(table, {kLfs, 0xA0000}, k4MiB));
  EXPECT_EQ(table, booted(0, 0));
}

TEST(Change, RefusesOneMoreThanThereIsRoomFor) {
  Table table;
  while (table.add({kTlsCertificates, 0x20000, 0x1000})) {
  }
  EXPECT_FALSE(change(table, {kLfs, 0xA0000, 0x1000}, k4MiB));
}

TEST(TypeNames, LeadThereAndBack) {
  for (const uint32_t type : {kRfCalibration, kPhyInit, kSystemParameter, kEagleRom, kIrom0Text,
                              kLfs, kLfs1, kTlsCertificates, kLilotafs, kFreezer}) {
    EXPECT_EQ(type_of(type_name(type)), type);
  }
  EXPECT_STREQ(type_name(99), "");
  EXPECT_EQ(type_of("spiffs"), std::nullopt);
}

class IdfValidation : public testing::Test {
 protected:
  void SetUp() override {
    add(1, 2, 0x9000, 0x6000, "nvs");
    add(0, 0, 0x10000, 0x100000, "factory");
    add(kIdfLfsType, kIdfLfsSubtype, 0x110000, 0x10000, "lfs");
  }

  void add(uint8_t type, uint8_t subtype, uint32_t address, uint32_t bytes, const char* name) {
    IdfPartition& partition = table_.emplace_back();
    partition.type = type;
    partition.subtype = subtype;
    partition.address = address;
    partition.bytes = bytes;
    partition.set_name(name);
  }

  void expect(TableFlaw flaw, uint32_t entry, uint32_t other = 0, uint32_t flash_bytes = k4MiB) {
    const TableVerdict verdict = validate(table_, flash_bytes);
    EXPECT_STREQ(name(verdict.flaw), name(flaw));
    EXPECT_EQ(verdict.entry, entry);
    EXPECT_EQ(verdict.other, other);
  }

  std::vector<IdfPartition> table_;
};

TEST_F(IdfValidation, AcceptsASoundTableInAnyOrder) {
  expect(TableFlaw::kNone, 0);
  std::swap(table_[0], table_[2]);
  expect(TableFlaw::kNone, 0);
  table_.clear();
  expect(TableFlaw::kNone, 0);
}

TEST_F(IdfValidation, NamesBothWhereTwoOverlapOrHaveOneName) {
  table_[2].address = 0x10F000;
  expect(TableFlaw::kOverlap, 2, 1);
  table_[2].address = 0x110000;
  table_[2].set_name("nvs");
  expect(TableFlaw::kSameName, 2, 0);
}

TEST_F(IdfValidation, AppsBeginAt64KiBOthersAtASector) {
  table_[2].address += 0x1000;
  expect(TableFlaw::kNone, 0);
  table_[2].address += 0x800;
  expect(TableFlaw::kUnaligned, 2);
  table_[2].address = 0x110000;
  table_[2].bytes -= 1;
  expect(TableFlaw::kUnaligned, 2);
  table_[2].bytes = 0;
  expect(TableFlaw::kEmpty, 2);
  table_[1].address = 0x18000;
  expect(TableFlaw::kUnaligned, 1);
}

TEST_F(IdfValidation, RefusesWhatReachesPastTheEndIfThatIsKnown) {
  expect(TableFlaw::kNone, 0, 0, 0x120000);
  expect(TableFlaw::kPastEnd, 2, 0, 0x11F000);
  table_[2].address = 0xFFFF0000;
  table_[2].bytes = 0x20000;  // more than 32 bits
  expect(TableFlaw::kPastEnd, 2);
  expect(TableFlaw::kPastEnd, 2, 0, 0);  // of any flash
  table_[2].bytes = 0x10000;
  expect(TableFlaw::kNone, 0, 0, 0);
}

TEST_F(IdfValidation, RefusesWhatLiesOverTheTable) {
  table_[0].address = 0x8000;
  expect(TableFlaw::kOverFirmware, 0);
  EXPECT_TRUE(validate(std::span(table_).subspan(1), k4MiB, 0xF000).ok());
  EXPECT_FALSE(validate(std::span(table_).subspan(1), k4MiB, 0x10000).ok());
}

}  // namespace
}  // namespace flashstore::partition
