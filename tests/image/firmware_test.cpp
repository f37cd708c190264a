#include "image/firmware.h"

#include <gtest/gtest.h>

#include "core/bytes.h"
#include "core/crc32.h"
#include "support/firmware_maker.h"

namespace flashstore::image {
namespace {

using partition::kBackupAddress;
using partition::kPageAddress;
using partition::kPageBytes;
using partition::Table;
using test::FirmwareBytes;

constexpr uint32_t kEnd = 0x40293000;

Firmware read(const FirmwareBytes& file) {
  auto firmware = read_firmware(file);
  EXPECT_TRUE(firmware.ok()) << name(firmware.error().flaw);
  return firmware ? std::move(firmware).value() : Firmware{};
}

FirmwareBytes nodemcu() {
  return test::nodemcu_firmware(test::factory_words(0x10000, 0xFFFFFFFF, kEnd), kEnd);
}

void put(FirmwareBytes& file, uint32_t at, std::string_view text) {
  std::copy(text.begin(), text.end(), file.begin() + at);
}

Table small_table(uint32_t number) {
  Table table;
  table.add({partition::kLfs, 0xA0000, 0x1000 * (number + 1)});
  return table;
}

std::span<uint8_t> page_in(FirmwareBytes& file, bool has_backup = false) {
  return page_of(std::span<uint8_t>(file), kPageAddress, has_backup);
}

TEST(Firmware, OfNodemcuTellsWhereLfsWillBe) {
  Firmware firmware = read(nodemcu());
  EXPECT_EQ(firmware.offset, 0u);
  EXPECT_EQ(firmware.header.flash_bytes(), 0x400000u);
  EXPECT_FALSE(firmware.numbers);
  ASSERT_TRUE(firmware.table);
  EXPECT_EQ(firmware.table->firmware_end, kEnd);
  ASSERT_TRUE(partition::allocate(*firmware.table, 0x400000).ok());
  EXPECT_EQ(mapped(firmware.table->find(partition::kLfs)->address), 0x40294000u);
}

TEST(Firmware, OfOursTellsItsNumbers) {
  FirmwareBytes file = nodemcu();
  put(file, partition::kMarkOffset,
      std::string_view("flashstore-firmware float\0\0\0\0\0\0\0", 32));
  EXPECT_EQ(read(file).numbers, Numbers::kFloat);
  put(file, partition::kMarkOffset, std::string_view("flashstore-firmware int\0", 24));
  EXPECT_EQ(read(file).numbers, Numbers::kInt);
  put(file, partition::kMarkOffset, "flashstore-firmware nut");
  EXPECT_FALSE(read(file).numbers);
}

TEST(Firmware, WithoutAPageHasNoTable) {
  FirmwareBytes file = test::esp8266_image(test::some_segments());
  EXPECT_FALSE(read(file).table);
  EXPECT_TRUE(read(file).page_problem.ok());
  file = nodemcu();
  std::fill_n(file.begin() + kPageAddress, kPageBytes, 0xFF);
  EXPECT_FALSE(read(file).table);
  EXPECT_EQ(read(file).page_problem.flaw, partition::PageFlaw::kNoTable);
}

TEST(Firmware, MayEndWithinThePage) {
  FirmwareBytes file = nodemcu();
  file.resize(kPageAddress + 100);
  EXPECT_TRUE(read(file).table);
  file.resize(kPageAddress + 90);  // as flashed to an erased chip: the rest is blank
  Firmware firmware = read(file);
  ASSERT_TRUE(firmware.table);
  EXPECT_FALSE(partition::validate(*firmware.table, 0x400000).ok());
}

TEST(Firmware, IsFoundInTheDumpOfAnEsp32) {
  FirmwareBytes file(0x1000, 0xFF);
  const FirmwareBytes image = test::esp32_image(test::some_segments());
  file.insert(file.end(), image.begin(), image.end());
  file.resize(0x20000, 0xFF);
  const Firmware firmware = read(file);
  EXPECT_EQ(firmware.offset, 0x1000u);
  EXPECT_EQ(firmware.header.chip_name(), "esp32");
  EXPECT_FALSE(firmware.table);
  file[0x1000 + 50] ^= 1;
  EXPECT_EQ(read_firmware(file).error().offset, 0x1000u + image.size() - 33);
}

TEST(Firmware, RefusesWhatHasNoImage) {
  EXPECT_FALSE(read_firmware({}).ok());
  EXPECT_FALSE(read_firmware(FirmwareBytes(0x20000, 0xFF)).ok());
}

TEST(PageOfAFile, IsWrittenAsADeviceDoesIt) {
  FirmwareBytes file = nodemcu();
  const FirmwareBytes before = file;
  ASSERT_TRUE(write_page(page_in(file), small_table(3)).ok());
  Table table;
  ASSERT_TRUE(read_page(page_in(file), table).ok());
  EXPECT_EQ(table, small_table(3));
  // The old table is there still, deleted; nothing else has changed.
  EXPECT_EQ(file[kPageAddress + 1], partition::kDeleted);
  EXPECT_TRUE(std::equal(before.begin() + kPageAddress + 2, before.begin() + kPageAddress + 100,
                         file.begin() + kPageAddress + 2));
  EXPECT_TRUE(std::equal(before.begin(), before.begin() + kPageAddress, file.begin()));
  EXPECT_TRUE(std::equal(before.begin() + kPageAddress + kPageBytes, before.end(),
                         file.begin() + kPageAddress + kPageBytes));
}

TEST(PageOfAFile, IsClearedWhenItIsFullAndKeepsWhatLives) {
  FirmwareBytes page(kPageBytes, 0xFF);
  const FirmwareBytes startup = {1, partition::kStartupOption, 0, 0, 7, 0, 0, 0};
  std::copy(startup.begin(), startup.end(), page.begin());
  for (uint32_t i = 0; i < 400; ++i) {
    ASSERT_TRUE(write_page(page, small_table(i)).ok());
    Table table;
    ASSERT_TRUE(read_page(page, table).ok());
    ASSERT_EQ(table, small_table(i));
    ASSERT_TRUE(std::equal(startup.begin(), startup.end(), page.begin()));
  }
}

TEST(PageOfAFile, StaysAsItIsIfThereIsNoRoom) {
  FirmwareBytes page(kPageBytes, 0xFF);
  for (size_t at = 0; at + 260 <= page.size(); at += 260) {
    page[at] = 64;
    page[at + 1] = partition::kInitString;
  }
  page[15 * 260] = 47;
  page[15 * 260 + 1] = partition::kInitString;
  const FirmwareBytes before = page;
  EXPECT_EQ(write_page(page, small_table(1)).flaw, partition::PageFlaw::kFull);
  EXPECT_EQ(page, before);
}

// What a device leaves that loses its power when it has erased the page: its next boot takes the
// backup.
TEST(PageOfAFile, WithABackupIsThatOfTheBackup) {
  FirmwareBytes file(kBackupAddress + kPageBytes, 0xFF);
  const auto backup = std::span(file).subspan(kBackupAddress);
  ASSERT_TRUE(write_page(backup, small_table(5)).ok());
  core::store_word(backup, partition::kCommitOffset,
                   core::crc32(backup.first(partition::kCommitOffset)));
  Table table;
  EXPECT_FALSE(read_page(page_in(file), table).ok());
  ASSERT_TRUE(read_page(page_in(file, true), table).ok());
  EXPECT_EQ(table, small_table(5));
  ASSERT_TRUE(write_page(page_in(file, true), small_table(7)).ok());
  ASSERT_TRUE(read_page(page_in(file, true), table).ok());
  EXPECT_EQ(table, small_table(7));
}

}  // namespace
}  // namespace flashstore::image
