// What is refused before anything is touched, each for a reason of its own.
#include <gmock/gmock.h>

#include <filesystem>

#include "board.h"
#include "core/bytes.h"
#include "image/gzip.h"
#include "lilotafs/volume.h"
#include "luac/image_writer.h"
#include "luaflash/image_view.h"
#include "luaflash/relocate.h"
#include "luaflash/verify_structure.h"
#include "norsim/flash.h"
#include "support/firmware_maker.h"

namespace flashstore::test {
namespace {

using ::testing::HasSubstr;

// An image of the board's sources for the mapped address `base`.
std::string absolute_image(uint32_t base) {
  std::string image = relocatable_image();
  std::vector<uint8_t> bytes(image.begin(), image.end());
  const auto view = luaflash::open_image(bytes).value();
  std::vector<uint8_t> bitmap(luaflash::bitmap_words(view.words() * 4) * 4);
  EXPECT_TRUE(luaflash::verify_structure(view, bitmap).ok());
  std::vector<uint8_t> moved(view.bytes().begin(), view.bytes().end());
  luaflash::relocate(moved, bitmap, base);
  core::store_word(moved, 0, view.signature() | luaflash::kAbsoluteBit);
  return as_text(moved);
}

// As a device leaves a partition whose power goes while a file is written.
std::string with_open_file(const std::string& image) {
  norsim::Contents contents(static_cast<uint32_t>(image.size()));
  contents.program(0, as_bytes(image));
  norsim::Flash flash(std::move(contents));
  std::vector<uint8_t> buffer(512);
  lilotafs::Volume volume(flash, buffer);
  EXPECT_TRUE(volume.mount().ok());
  const auto file = volume.open("new", lilotafs::Volume::Access::kCreate);
  EXPECT_EQ(volume.write(file.value(), as_bytes("half")), lilotafs::Error::kOk);
  return as_text(flash.contents().bytes());
}

void use_image(Board& board, std::string_view image) {
  board.write("lfs.img", image);
  board.manifest.lfs = {};
  board.manifest.lfs.image = "lfs.img";
}

TEST(Guards, TakeABoardWithNothingWrong) {
  EXPECT_EQ(Board().reason(), "");
}

TEST(Guards, RefuseALfsPartitionOverTheFirmwareAndNameBoth) {
  Board board;
  board.manifest.partitions.lfs = {0x14000, 0x4000};
  EXPECT_EQ(board.reason(), "overlap");
  EXPECT_THAT(board.message(), HasSubstr("lfs"));
  EXPECT_THAT(board.message(), HasSubstr("irom0-text"));
}

TEST(Guards, RefuseRawBytesOverTheFirmware) {
  Board board;
  board.write("raw.bin", "calibration");
  board.manifest.raw = {{"raw.bin", 0x12000}};
  EXPECT_EQ(board.reason(), "overlap");
  board.manifest.raw = {{"raw.bin", 0xD000}};
  EXPECT_EQ(board.reason(), "");
  board.manifest.raw = {{"raw.bin", 0xD010}};
  EXPECT_EQ(board.reason(), "raw-unaligned");
}

TEST(Guards, RefuseRawBytesInPartitionsThatHaveAFormat) {
  Board board;
  board.write("raw.bin", "x");
  board.manifest.lfs = {};
  board.manifest.raw = {{"raw.bin", kLfsAddress}};
  EXPECT_EQ(board.reason(), "overlap");
}

TEST(Guards, RefuseWhatReachesPastTheEndOfFlash) {
  Board board;
  board.manifest.partitions.lilotafs = {0xF0000, 0x20000};
  EXPECT_EQ(board.reason(), "past-end");
  board.manifest.partitions.lilotafs = {};
  board.write("raw.bin", std::string(0x2000, 'x'));
  board.manifest.raw = {{"raw.bin", 0xFF000}};
  EXPECT_EQ(board.reason(), "past-end");
}

TEST(Guards, RefuseALfsPartitionOutsideTheWindow) {
  Board board;
  board.manifest.flash.bytes = 0x400000;
  board.manifest.partitions.lfs = {0x200000, 0x10000};
  EXPECT_EQ(board.reason(), "outside-window");
}

TEST(Guards, RefuseAnUnalignedPartition) {
  Board board;
  board.manifest.partitions.lfs = {0x18800, 0x10000};
  EXPECT_EQ(board.reason(), "unaligned");
}

TEST(Guards, RefuseAnImageTooLargeForItsPartition) {
  Board board;
  board.write("app/big.lua", "return '" + std::string(kLfsBytes, 'x') + "'");
  EXPECT_EQ(board.reason(), "lfs-too-large");
  use_image(board, relocatable_image(luac::Flavour::kFloat,
                                     "return '" + std::string(kLfsBytes, 'x') + "'"));
  EXPECT_EQ(board.reason(), "lfs-too-large");
}

TEST(Guards, RefuseAnAbsoluteImageForAnotherAddress) {
  Board board;
  use_image(board, absolute_image(0x40200000 + kLfsAddress + 0x1000));
  EXPECT_EQ(board.reason(), "other-base");
  use_image(board, absolute_image(0x40200000 + kLfsAddress));
  EXPECT_EQ(board.reason(), "");
}

TEST(Guards, MoveARelocatableImageToWhereItHasToBe) {
  Board board;
  const std::string wanted = absolute_image(0x40200000 + kLfsAddress);
  for (const bool compressed : {false, true}) {
    const std::string payload = relocatable_image();
    use_image(board, compressed ? as_text(image::gzip(as_bytes(payload))) : payload);
    const auto plan = board.plan();
    ASSERT_TRUE(plan.ok());
    EXPECT_EQ(as_text(applied(plan.value())).substr(kLfsAddress, wanted.size()), wanted);
  }
}

TEST(Guards, RefuseARelocatableImageAsRawBytes) {
  Board board;
  board.manifest.lfs = {};
  board.write("luac.out", as_text(image::gzip(as_bytes(relocatable_image()))));
  board.manifest.raw = {{"luac.out", kLfsAddress}};
  EXPECT_EQ(board.reason(), "raw-image");
}

TEST(Guards, RefuseAnImageForOtherNumbers) {
  Board board;
  use_image(board, relocatable_image(luac::Flavour::kInt));
  EXPECT_EQ(board.reason(), "flavour");
  board.write("fw.bin", firmware("flashstore-firmware int"));
  EXPECT_EQ(board.reason(), "");
  board.manifest.numbers = luac::Flavour::kFloat;
  EXPECT_EQ(board.reason(), "flavour");
}

TEST(Guards, OnlyNoteAFirmwareThatDoesNotTellItsNumbers) {
  Board board;
  board.write("fw.bin", firmware("who knows"));
  use_image(board, relocatable_image(luac::Flavour::kInt));
  const auto plan = board.plan();
  ASSERT_TRUE(plan.ok());
  ASSERT_EQ(plan.value().notes.size(), 1u);
  EXPECT_EQ(plan.value().notes[0].id, "unknown-firmware");
  board.manifest.numbers = luac::Flavour::kFloat;
  EXPECT_EQ(board.reason(), "flavour");
}

TEST(Guards, RefuseAnImageForAnotherLua) {
  Board board;
  std::string image = relocatable_image();
  image[1] = '\xA2';  // version 2
  use_image(board, image);
  EXPECT_EQ(board.reason(), "lua-version");
}

TEST(Guards, RefuseADamagedImage) {
  Board board;
  std::string image = relocatable_image();
  image[0x30] ^= 1;
  use_image(board, image);
  EXPECT_EQ(board.reason(), "bad-image");
  use_image(board, "nothing of the kind");
  EXPECT_EQ(board.reason(), "bad-image");
}

TEST(Guards, RefuseSourcesThatDoNotCompile) {
  Board board;
  board.write("app/bad.lua", "return return");
  EXPECT_EQ(board.reason(), "source");
  EXPECT_THAT(board.message(), HasSubstr("app/bad.lua:1:"));
}

TEST(Guards, RefuseALilotafsImageOfAnotherSizeOrNotClean) {
  Board board;
  const auto plan = board.plan();
  ASSERT_TRUE(plan.ok());
  const partition::Partition* place = plan.value().table.find(partition::kLilotafs);
  ASSERT_NE(place, nullptr);
  std::string image = as_text(applied(plan.value())).substr(place->address, place->bytes);
  board.manifest.lilotafs = {.directory = "", .image = "fs.img"};
  board.write("fs.img", image);
  EXPECT_EQ(board.reason(), "");
  board.write("fs.img", image.substr(0x1000));
  EXPECT_EQ(board.reason(), "lilotafs-size");
  board.write("fs.img", with_open_file(image));
  EXPECT_EQ(board.reason(), "lilotafs-not-clean");
  board.write("fs.img", std::string(place->bytes, '\xFF'));  // a mount would format it
  EXPECT_EQ(board.reason(), "lilotafs-not-clean");
  board.write("fs.img", std::string(place->bytes, 'x'));
  EXPECT_EQ(board.reason(), "no-file-system");
}

TEST(Guards, RefuseFilesThatDoNotFit) {
  Board board;
  board.write("fs/big", std::string(kFlashBytes, 'x'));
  EXPECT_EQ(board.reason(), "lilotafs-too-large");
}

TEST(Guards, RefusePathsThatLeaveTheFolder) {
  for (const char* path : {"../fw.bin", "app/../../fw.bin", "/etc/passwd"}) {
    Board board;
    board.manifest.firmware = path;
    EXPECT_EQ(board.reason(), "outside-folder") << path;
  }
}

TEST(Guards, RefuseSymbolicLinksOutOfTheFolder) {
  Board board;
  const TemporaryFolder elsewhere;
  write_text(elsewhere / "secret.lua", "return 1");
  std::filesystem::create_symlink(elsewhere / "secret.lua", board.path("app/link.lua"));
  EXPECT_EQ(board.reason(), "outside-folder");
  std::filesystem::remove(board.path("app/link.lua"));
  std::filesystem::create_symlink(elsewhere.path(), board.path("fs/link"));
  EXPECT_EQ(board.reason(), "outside-folder");
  std::filesystem::remove(board.path("fs/link"));
  std::filesystem::create_symlink(board.path("app/main.lua"), board.path("app/link.lua"));
  EXPECT_EQ(board.reason(), "");
}

TEST(Guards, RefuseFirmwareNoChipBoots) {
  Board board;
  board.write("fw.bin", "no firmware");
  EXPECT_EQ(board.reason(), "bad-firmware");
  board.write("fw.bin", firmware().substr(0, 0x10000));
  EXPECT_EQ(board.reason(), "half-firmware");
  board.write("fw.bin", as_text(esp32_image(some_segments())));
  EXPECT_EQ(board.reason(), "other-chip");
  std::string damaged = firmware();
  damaged[20] ^= 1;
  board.write("fw.bin", damaged);
  EXPECT_EQ(board.reason(), "bad-firmware");
}

TEST(Guards, RefuseAFirmwareWithoutATable) {
  Board board;
  std::string file = firmware();
  file.replace(0x10000, 0x1000, std::string(0x1000, '\xFF'));
  board.write("fw.bin", file);
  EXPECT_EQ(board.reason(), "no-table");
  board.manifest.partitions.policy = provision::TablePolicy::kDevice;
  EXPECT_EQ(board.reason(), "no-table");
}

TEST(Guards, RefuseADeviceWithOtherFlash) {
  Board board;
  board.device.flash_bytes = 0x400000;
  EXPECT_EQ(board.reason(), "other-flash");
}

TEST(Guards, RefuseContradictionsAndUnknownValues) {
  Board board;
  board.manifest.chip = "esp9000";
  EXPECT_EQ(board.reason(), "unknown-chip");
  board.manifest.chip = "esp8266";
  board.manifest.flash.bytes = 0x300000;
  EXPECT_EQ(board.reason(), "flash-size");
  board.manifest.flash.bytes = {};
  board.manifest.flash.mode = "fast";
  EXPECT_EQ(board.reason(), "flash-mode");
  board.manifest.flash.mode = "qio";
  board.manifest.flash.frequency = "1m";
  EXPECT_EQ(board.reason(), "flash-frequency");
  board.manifest.flash.frequency = "80m";
  EXPECT_EQ(board.reason(), "");
  board.manifest.lfs.image = "x";
  EXPECT_EQ(board.reason(), "two-of-one");
  board.manifest = {};
  EXPECT_EQ(board.reason(), "nothing-to-flash");
}

}  // namespace
}  // namespace flashstore::test
