#include "norsim/contents.h"

#include <gmock/gmock.h>

#include <stdexcept>

namespace flashstore::norsim {
namespace {

using testing::Each;

std::vector<uint8_t> read_all(Contents& contents) {
  std::vector<uint8_t> bytes(contents.size());
  contents.read(0, bytes);
  return bytes;
}

void program(Contents& contents, uint32_t address, uint8_t byte) {
  contents.program(address, {&byte, 1});
}

TEST(Contents, ABlankChipIsAllOnes) {
  Contents contents(8192);
  EXPECT_EQ(contents.size(), 8192u);
  EXPECT_THAT(read_all(contents), Each(0xFF));
  EXPECT_TRUE(contents.is_blank(4096));
}

TEST(Contents, OnlyWholeSectorsMakeAChip) {
  EXPECT_THROW(Contents(0), std::invalid_argument);
  EXPECT_THROW(Contents(4095), std::invalid_argument);
  EXPECT_THROW(Contents::over(std::vector<uint8_t>(4097)), std::invalid_argument);
}

TEST(Contents, ProgrammingClearsBitsAcrossSectors) {
  Contents contents(8192);
  contents.program(4094, std::vector<uint8_t>{0xF0, 0xF1, 0xF2, 0xF3});
  contents.program(4095, std::vector<uint8_t>{0x0F});
  std::vector<uint8_t> bytes(6);
  contents.read(4093, bytes);
  EXPECT_EQ(bytes, (std::vector<uint8_t>{0xFF, 0xF0, 0x01, 0xF2, 0xF3, 0xFF}));
  EXPECT_FALSE(contents.is_blank(0));
  EXPECT_FALSE(contents.is_blank(4096));
}

TEST(Contents, CopiesDoNotSeeEachOthersChanges) {
  Contents one(8192);
  program(one, 0, 0x11);
  Contents two = one;
  program(one, 0, 0x01);
  two.erase(4096);
  program(two, 5000, 0x22);
  EXPECT_EQ(one.at(0), 0x01);
  EXPECT_EQ(two.at(0), 0x11);
  EXPECT_EQ(one.at(5000), 0xFF);
}

TEST(Contents, AnOverlayLeavesTheBytesBelowAlone) {
  const std::vector<uint8_t> below(8192, 0x55);
  Contents contents = Contents::over(below);
  program(contents, 4096, 0x0F);
  contents.erase(0);
  EXPECT_EQ(contents.at(4096), 0x05);
  EXPECT_EQ(contents.at(4097), 0x55);
  EXPECT_TRUE(contents.is_blank(0));
  EXPECT_THAT(below, Each(0x55));
  EXPECT_EQ(contents.bytes(), read_all(contents));
}

TEST(Contents, UnstableBitsReadBothWaysUntilTheyAreProgrammedOrErased) {
  Contents contents(4096);
  program(contents, 7, 0x00);
  contents.make_unstable(7, 0x0F, 1);
  uint8_t ones = 0;
  uint8_t zeros = 0;
  for (int i = 0; i < 100; ++i) {
    const uint8_t byte = read_all(contents)[7];
    ones |= byte;
    zeros |= static_cast<uint8_t>(~byte);
  }
  EXPECT_EQ(ones, 0x0F);
  EXPECT_EQ(zeros, 0xFF);

  program(contents, 7, 0xF3);
  EXPECT_EQ(contents.unstable_bits(7), 0x03);
  contents.erase(0);
  EXPECT_EQ(contents.unstable_bits(7), 0);
  EXPECT_THAT(read_all(contents), Each(0xFF));
}

TEST(Contents, OnlyZeroBitsBecomeUnstable) {
  Contents contents(4096);
  program(contents, 0, 0xF0);
  contents.make_unstable(0, 0xFF, 1);
  EXPECT_EQ(contents.unstable_bits(0), 0x0F);
}

TEST(Contents, ACopyOfAnUnstableSectorReadsTheSame) {
  Contents one(4096);
  for (uint32_t i = 0; i < 100; ++i) {
    program(one, i, 0);
    one.make_unstable(i, 0xFF, 1);
  }
  Contents two = one;
  EXPECT_EQ(read_all(one), read_all(two));
  EXPECT_NE(read_all(one), read_all(one));
}

}  // namespace
}  // namespace flashstore::norsim
