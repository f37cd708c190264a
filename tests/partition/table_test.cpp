#include "partition/table.h"

#include <gtest/gtest.h>

#include "partition/factory_table.h"

namespace flashstore::partition {
namespace {

Table allocated(Table table, uint32_t flash_bytes = k4MiB) {
  const TableVerdict verdict = allocate(table, flash_bytes);
  EXPECT_TRUE(verdict.ok()) << name(verdict.flaw);
  return table;
}

TEST(FirstBoot, RoundsTheFirmwareUpAndPutsLfsBehindIt) {
  const Table table = allocated(factory_table(0x40293000, 0x10000, kAllTheRest));
  expect_at(table, kIrom0Text, 0x10000, 0x84000);
  expect_at(table, kLfs, 0x94000, 0x10000);
  expect_at(table, kLilotafs, 0xA4000, k4MiB - 0x3000 - 0xA4000);
  expect_at(table, kSystemParameter, k4MiB - 0x3000, 0x3000);
  EXPECT_FALSE(table.firmware_end);
  EXPECT_EQ(table.count, 7u);
  EXPECT_TRUE(validate(table, k4MiB).ok());
}

TEST(FirstBoot, RoundsUpWhatIsOneByteMoreThanAWhole) {
  expect_at(allocated(factory_table(0x40292000, 0x10000, 0)), kIrom0Text, 0x10000, 0x82000);
  expect_at(allocated(factory_table(0x40292001, 0x10000, 0)), kIrom0Text, 0x10000, 0x84000);
  expect_at(allocated(factory_table(0x40292000, 0x10001, 0)), kLfs, 0x92000, 0x12000);
}

TEST(FirstBoot, FilesOfASizeBeginAtOneMiBIfTheyFitThere) {
  const uint32_t most = k4MiB - 0x3000 - 0x100000;
  expect_at(allocated(factory_table(0x40293000, 0x10000, 0x80000)), kLilotafs, 0x100000, 0x80000);
  expect_at(allocated(factory_table(0x40293000, 0x10000, most)), kLilotafs, 0x100000, most);
  expect_at(allocated(factory_table(0x40293000, 0x10000, most + 0x1000)), kLilotafs, 0xA4000,
            most + 0x1000);
}

TEST(FirstBoot, LeavesOutWhatHasNoBytes) {
  const Table table = allocated(factory_table(0x40293000, 0, 0));
  EXPECT_EQ(table.find(kLfs), nullptr);
  EXPECT_EQ(table.find(kLilotafs), nullptr);
  EXPECT_EQ(table.count, 5u);
}

TEST(FirstBoot, KeepsAddressesThatAreSet) {
  Table table = factory_table(0x40293000, 0x10000, 0x40000);
  table.entries[4].address = 0xB0000;
  table.entries[5].address = 0x200000;
  expect_at(allocated(table), kLfs, 0xB0000, 0x10000);
  expect_at(allocated(table), kLilotafs, 0x200000, 0x40000);
  table.entries[5].address = 0xA0000;  // inside LFS
  expect_at(allocated(table), kLilotafs, 0x100000, 0x40000);
}

TEST(FirstBoot, AllTheRestIsCountedFromWhatIsInFrontWhateverTheAddress) {
  Table table = factory_table(0x40293000, 0x10000, kAllTheRest);
  table.entries[5].address = 0x100000;
  const TableVerdict verdict = allocate(table, k4MiB);
  EXPECT_EQ(verdict.flaw, TableFlaw::kPastEnd);
  EXPECT_EQ(verdict.entry, 5u);
}

TEST(FirstBoot, PutsAFreezerBehindWhatIsInFrontOfIt) {
  Table table = factory_table(0x40293000, 0x10000, 0x40000);
  table.entries[5] = {kFreezer, 0, 0xF001};
  expect_at(allocated(table), kFreezer, 0xA4000, 0x10000);
}

TEST(FirstBoot, DependsOnTheFlashSizeAndFailsWhereTheOriginalDoes) {
  for (const uint32_t flash_bytes : {0x200000u, 0x400000u, 0x800000u, 0x1000000u}) {
    expect_at(allocated(factory_table(0x40293000, 0x10000, kAllTheRest), flash_bytes), kLilotafs,
              0xA4000, flash_bytes - 0x3000 - 0xA4000);
  }
  Table table = factory_table(0x40293000, 0x10000, 0x10000);
  EXPECT_EQ(allocate(table, 0x80000).flaw, TableFlaw::kFlashSize);
  // A chip of 1 MiB: files of any size are put at its end.
  const TableVerdict verdict = allocate(table, 0x100000);
  EXPECT_EQ(verdict.flaw, TableFlaw::kPastEnd);
  EXPECT_EQ(verdict.entry, 5u);
  expect_at(allocated(factory_table(0x40293000, 0x10000, kAllTheRest), 0x100000), kLilotafs,
            0xA4000, 0x59000);
}

TEST(FirstBoot, LeavesAFinalTableAlone) {
  const Table table = default_table(k4MiB);
  EXPECT_EQ(allocated(table), table);
}

class Validation : public testing::Test {
 protected:
  void expect(TableFlaw flaw, uint32_t entry, uint32_t other = 0, uint32_t flash_bytes = k4MiB) {
    const TableVerdict verdict = validate(table_, flash_bytes);
    EXPECT_STREQ(name(verdict.flaw), name(flaw));
    EXPECT_EQ(verdict.entry, entry);
    EXPECT_EQ(verdict.other, other);
  }

  Table table_ = default_table(k4MiB);
};

TEST_F(Validation, AcceptsTheDefaultTableOfEveryFlashSize) {
  for (const uint32_t flash_bytes : {0x100000u, 0x200000u, 0x400000u, 0x800000u, 0x1000000u}) {
    const Table table = default_table(flash_bytes);
    EXPECT_TRUE(validate(table, flash_bytes).ok()) << std::hex << flash_bytes;
    EXPECT_EQ(table.find(kLilotafs) != nullptr, flash_bytes > 0x100000);
    expect_at(table, kLfs, 0xA0000, 0x40000);
    expect_at(table, kFreezer, 0xE0000, 0x10000);
    expect_at(table, kSystemParameter, flash_bytes - 0x3000, 0x3000);
  }
  expect_at(default_table(k4MiB), kLilotafs, 0x100000, 0x2FD000);
}

TEST_F(Validation, NamesBothWhereTwoOverlap) {
  table_.entries[6].address = 0xEF000;
  expect(TableFlaw::kOverlap, 6, 5);
  table_.entries[6] = {kLilotafs, 0x20000, 0x1000};  // in the middle of one further up
  expect(TableFlaw::kOverlap, 6, 3);
}

TEST_F(Validation, RefusesWhatDoesNotAscend) {
  std::swap(table_.entries[4], table_.entries[5]);
  expect(TableFlaw::kOrder, 5, 4);
}

TEST_F(Validation, RefusesWhatIsNoWholeSectors) {
  table_.entries[4].bytes -= 1;
  expect(TableFlaw::kUnaligned, 4);
  table_ = default_table(k4MiB);
  table_.entries[4].address += 0x800;
  expect(TableFlaw::kUnaligned, 4);
  table_.entries[4].bytes = 0;
  expect(TableFlaw::kEmpty, 4);
}

TEST_F(Validation, RefusesWhatReachesPastTheEnd) {
  expect(TableFlaw::kPastEnd, 6, 0, 0x200000);
  table_.entries[7] = {kSystemParameter, 0xFFFFF000, 0x2000};  // more than 32 bits
  expect(TableFlaw::kPastEnd, 7);
  expect(TableFlaw::kFlashSize, 0, 0, 0x80000);
}

TEST_F(Validation, RefusesMappedPartitionsOutsideTheWindow) {
  table_ = {};
  table_.add({kLfs, 0xF0000, 0x11000});
  expect(TableFlaw::kOutsideWindow, 0);
  table_.entries[0].bytes = 0x10000;
  EXPECT_TRUE(validate(table_, k4MiB).ok());
  table_.add({kFreezer, 0x100000, 0x1000});
  expect(TableFlaw::kOutsideWindow, 1);
}

TEST_F(Validation, RefusesWhatIsWrittenToOverFirmwareAndPage) {
  for (const uint32_t type : {kLfs, kFreezer, kLilotafs}) {
    for (const uint32_t address : {0u, kPageAddress, kBackupAddress}) {
      table_ = {};
      table_.add({type, address, 0x10000});
      expect(TableFlaw::kOverFirmware, 0);
    }
    table_.entries[0].address = kBackupAddress + kPageBytes;
    EXPECT_TRUE(validate(table_, k4MiB).ok());
  }
}

TEST_F(Validation, RefusesATableThatIsNotFinal) {
  table_.firmware_end = 0x40293000;
  expect(TableFlaw::kFactory, 0);
}

TEST_F(Validation, RefusesAnEndMarkerThatWouldMakeAFactoryTableOfIt) {
  table_.entries[2].type = kEndMarker;
  expect(TableFlaw::kFactory, 2);
}

TEST(Table, HoldsNoMoreThanARecord) {
  Table table;
  for (uint32_t i = 0; i < kMaxEntries; ++i) {
    EXPECT_TRUE(table.add({kLfs, i, i}));
  }
  EXPECT_FALSE(table.add({}));
  EXPECT_EQ(table.count, kMaxEntries);
}

TEST(FlashSize, IsThatOfTheHeader) {
  const std::vector<uint32_t> kib = {512, 256, 1024, 2048, 4096, 2048, 4096, 4096, 8192, 16384};
  for (uint32_t i = 0; i < 16; ++i) {
    EXPECT_EQ(flash_bytes_of_header(static_cast<uint8_t>(i << 4 | 0xF)),
              i < kib.size() ? kib[i] * 1024 : 0);
  }
}

}  // namespace
}  // namespace flashstore::partition
