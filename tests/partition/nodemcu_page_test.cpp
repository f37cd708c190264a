#include "partition/nodemcu_page.h"

#include <gtest/gtest.h>

#include "partition/page_fixture.h"

namespace flashstore::partition {
namespace {

using test::numbered_table;

class Page : public testing::Test {
 protected:
  void expect_problem(PageFlaw flaw, uint32_t offset) {
    Table table;
    const PageProblem problem = store_.read_table(table);
    EXPECT_STREQ(name(problem.flaw), name(flaw));
    EXPECT_EQ(problem.offset, offset);
  }

  Table table() {
    Table table;
    EXPECT_TRUE(store_.read_table(table).ok());
    return table;
  }

  std::vector<uint32_t> ids() {
    PageScan scan(flash_, kPageAddress);
    std::vector<uint32_t> found;
    while (const auto record = scan.next()) {
      found.push_back(record->id);
    }
    return found;
  }

  norsim::Flash flash_{norsim::Contents(test::kChipBytes)};
  PageStore store_{flash_};
};

TEST_F(Page, WithoutRecordsHasNoTable) {
  expect_problem(PageFlaw::kNoTable, 0);
}

TEST_F(Page, TheFirstTableIsInForce) {
  test::write_page(flash_, {{kDeleted, {103, 0x1000, 0x1000}},
                            {kPhyData, {}},
                            {kPartitionTable, {103, 0x20000, 0x10000}},
                            {kPartitionTable, {103, 0x30000, 0x10000}}});
  Table expected;
  expected.add({kLfs, 0x20000, 0x10000});
  EXPECT_EQ(table(), expected);
}

TEST_F(Page, ReadsAFactoryTableAsTheOriginalBuildWritesIt) {
  test::write_words(flash_,
                    {0x118,      101, 0,       0xB000, 4,   0xD000,     0x1000,  5,   0xF000,
                     0x1000,     102, 0x10000, 0,      103, 0,          0x10000, 106, 0,
                     0xFFFFFFFF, 6,   0,       0x3000, 0,   0x40293000, 0});
  Table factory = table();
  EXPECT_EQ(factory.count, 7u);
  EXPECT_EQ(factory.firmware_end, 0x40293000);
  EXPECT_TRUE(allocate(factory, 0x400000).ok());
  EXPECT_EQ(factory.find(kLfs)->address, 0x94000u);
}

TEST_F(Page, WritesAFactoryTableAsItReadsIt) {
  Table factory = numbered_table(1);
  factory.firmware_end = 0x40293000;
  EXPECT_TRUE(store_.replace_table(factory).ok());
  EXPECT_EQ(table(), factory);
}

TEST_F(Page, TellsWhereItIsDamaged) {
  test::write_page(flash_, {{kPhyData, {1, 2}}, {kInitString, std::vector<uint32_t>(65)}});
  expect_problem(PageFlaw::kBodyLength, 12);
}

TEST_F(Page, ARecordMayNotReachIntoTheLastWord) {
  std::vector<uint32_t> words;
  for (int i = 0; i < 15; ++i) {
    words.push_back(kInitString << 8 | 64);
    words.resize(words.size() + 64);
  }
  const auto offset = static_cast<uint32_t>(words.size() * 4);
  words.push_back(kInitString << 8 | 48);  // words 975 to 1023
  test::write_words(flash_, words);
  expect_problem(PageFlaw::kRunsOff, offset);
}

TEST_F(Page, RefusesATableThatEndsWithinAnEntry) {
  test::write_page(flash_, {{kPhyData, {}}, {kPartitionTable, {103, 0x20000, 0x10000, 106}}});
  expect_problem(PageFlaw::kTableLength, 4);
}

TEST_F(Page, RefusesAnEmptyTable) {
  test::write_page(flash_, {{kPartitionTable, {}}});
  expect_problem(PageFlaw::kTableLength, 0);
}

TEST_F(Page, TakesNoTableThatIsEmptyOrTooLong) {
  EXPECT_EQ(store_.replace_table({}).flaw, PageFlaw::kTableLength);
  Table table;
  while (table.add({kLfs, 0, 0})) {
  }
  table.firmware_end = 0;
  EXPECT_EQ(store_.replace_table(table).flaw, PageFlaw::kTableLength);
  table.firmware_end.reset();
  EXPECT_TRUE(store_.replace_table(table).ok());
  EXPECT_EQ(this->table(), table);
}

TEST_F(Page, ReplacingATableDeletesAllOthers) {
  test::write_page(flash_, {{kPartitionTable, {103, 0x20000, 0x10000}},
                            {kPhyData, {}},
                            {kPartitionTable, {103, 0x30000, 0x10000}}});
  EXPECT_TRUE(store_.replace_table(numbered_table(1)).ok());
  EXPECT_EQ(ids(), (std::vector<uint32_t>{kDeleted, kPhyData, kDeleted, kPartitionTable}));
  EXPECT_EQ(table(), numbered_table(1));
}

TEST_F(Page, AFullOneIsClearedAndKeepsWhatLives) {
  test::write_page(flash_, {{kStartupOption, {0x1234}}, {kDeleted, {1, 2, 3}}, {0x42, {7, 8}}});
  for (uint32_t i = 0; i < 200; ++i) {
    ASSERT_TRUE(store_.replace_table(numbered_table(i)).ok()) << i;
    ASSERT_EQ(table(), numbered_table(i)) << i;
  }
  const std::vector<uint32_t> found = ids();
  EXPECT_EQ(found[0], kStartupOption);
  EXPECT_EQ(found[1], 0x42u);
  EXPECT_EQ(std::count(found.begin(), found.end(), kPartitionTable), 1);
  EXPECT_EQ(flash_.counters().sector_erases[kPageAddress / 4096], 200u * 40 / kPageBytes);
  EXPECT_TRUE(flash_.contents().is_blank(kBackupAddress));
}

TEST_F(Page, ABackupIsNotCommittedAnyMoreWhenItIsErased) {
  norsim::OperationLog log;
  for (uint32_t i = 0; flash_.counters().erases == 0; ++i) {
    log = {};
    flash_.watch(&log);
    ASSERT_TRUE(store_.replace_table(numbered_table(i)).ok());
  }
  const auto& entries = log.entries();
  const norsim::OperationLog::Entry erase{norsim::Operation::Kind::kErase, kBackupAddress, {}};
  const auto last = std::find(entries.rbegin(), entries.rend(), erase);
  ASSERT_NE(last, entries.rend());
  const norsim::OperationLog::Entry cleared{
      norsim::Operation::Kind::kProgram, kBackupAddress + kCommitOffset, {0, 0, 0, 0}};
  EXPECT_EQ(*std::next(last), cleared);
}

TEST_F(Page, ADamagedOneIsClearedWhenItIsWritten) {
  test::write_page(flash_, {{kStartupOption, {0x1234}}, {kPhyData, {}}});
  const std::array<uint8_t, 4> garbage = {0x50, 0x60, 0x70, 0x80};
  flash_.program(kPageAddress + 12, garbage);
  expect_problem(PageFlaw::kBodyLength, 12);
  EXPECT_TRUE(store_.replace_table(numbered_table(3)).ok());
  EXPECT_EQ(table(), numbered_table(3));
  EXPECT_EQ(ids(), (std::vector<uint32_t>{kStartupOption, kPhyData, kPartitionTable}));
}

TEST_F(Page, FullOfWhatLivesRefusesMore) {
  std::vector<uint32_t> words;
  for (int i = 0; i < 15; ++i) {
    words.push_back(kInitString << 8 | 64);
    words.resize(words.size() + 64);
  }
  words.push_back(kInitString << 8 | 40);  // leaves 7 words
  words.resize(words.size() + 40);
  test::write_words(flash_, words);
  EXPECT_EQ(store_.replace_table(numbered_table(1)).flaw, PageFlaw::kFull);
  Table small;
  small.add({kLfs, 0xA0000, 0x1000});
  EXPECT_TRUE(store_.replace_table(small).ok());
  EXPECT_EQ(table(), small);
  EXPECT_EQ(ids().size(), 17u);
}

TEST_F(Page, ABackupThatIsNotCommittedIsLeftAlone) {
  const std::array<uint8_t, 4> code = {0x12, 0xC1, 0xF0, 0x09};
  flash_.program(kBackupAddress, code);
  EXPECT_TRUE(store_.replace_table(numbered_table(1)).ok());
  EXPECT_TRUE(store_.recover().ok());
  EXPECT_EQ(table(), numbered_table(1));
  EXPECT_FALSE(flash_.contents().is_blank(kBackupAddress));
  EXPECT_EQ(flash_.counters().erases, 0u);
}

TEST_F(Page, AChipWithoutPowerIsSaidToFail) {
  ASSERT_TRUE(store_.replace_table(numbered_table(1)).ok());
  norsim::Flash dead{flash_.contents()};
  dead.cut_at({});
  dead.erase(0);
  PageStore store(dead);
  Table table;
  EXPECT_EQ(store.read_table(table).flaw, PageFlaw::kFlashFailed);
  EXPECT_EQ(store.recover().flaw, PageFlaw::kFlashFailed);
  EXPECT_EQ(store.replace_table(numbered_table(2)).flaw, PageFlaw::kFlashFailed);
  EXPECT_EQ(store.begin_reload("a").flaw, PageFlaw::kFlashFailed);
}

}  // namespace
}  // namespace flashstore::partition
