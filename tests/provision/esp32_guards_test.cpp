// What is refused of an ESP32 before anything is touched, each for a reason of its own.
#include <gmock/gmock.h>

#include "core/bytes.h"
#include "esp32_board.h"
#include "luaflash/image_view.h"
#include "luaflash/relocate.h"
#include "luaflash/verify_structure.h"
#include "support/firmware_maker.h"

namespace flashstore::test {
namespace {

using partition::IdfPartition;
using ::testing::HasSubstr;

enum Index : size_t { kIndexFactory = 2, kIndexOta = 3, kIndexLfs = 4, kIndexFiles = 5 };

// The reason for a board whose table was changed.
template <class Change>
std::string reason_with(Change change) {
  auto partitions = esp32_partitions();
  change(partitions);
  Esp32Board board;
  board.write("table.bin", esp32_table(partitions));
  return board.reason();
}

TEST(Esp32Guards, TakeABoardWithNothingWrong) {
  EXPECT_EQ(Esp32Board().reason(), "");
}

TEST(Esp32Guards, RefuseTablesNoChipBootsFrom) {
  EXPECT_EQ(reason_with([](auto& table) { table[kIndexLfs].address = 0x58000; }), "overlap");
  EXPECT_EQ(reason_with([](auto& table) { table[kIndexFactory].address = 0x18000; }), "unaligned");
  EXPECT_EQ(reason_with([](auto& table) { table[kIndexFiles].bytes = 0x1800; }), "unaligned");
  EXPECT_EQ(reason_with([](auto& table) { table[kIndexFiles].address = 0xF0000; }), "past-end");
  EXPECT_EQ(reason_with([](auto& table) { table[0].address = 0x8000; }), "over-firmware");
  EXPECT_EQ(reason_with([](auto& table) { table[kIndexOta].set_name("lfs"); }), "same-name");
}

TEST(Esp32Guards, RefuseEncryptedPartitions) {
  for (const size_t index : {kIndexFactory, kIndexLfs, kIndexFiles}) {
    EXPECT_EQ(reason_with([&](auto& table) { table[index].flags = partition::kIdfEncrypted; }),
              "encrypted")
        << index;
  }
  // One that nothing is written to is none of ours.
  EXPECT_EQ(reason_with([](auto& table) { table[kIndexOta].flags = partition::kIdfEncrypted; }),
            "");
  Esp32Board board;
  board.write("raw.bin", "x");
  board.manifest.raw = {{"raw.bin", 0x9000}};
  EXPECT_EQ(board.reason(), "");
  auto partitions = esp32_partitions();
  partitions[0].flags = partition::kIdfEncrypted;
  board.write("table.bin", esp32_table(partitions));
  EXPECT_EQ(board.reason(), "encrypted");
}

TEST(Esp32Guards, RefuseWhatIsSignedForSecureBoot) {
  const auto reason_of = [](const char* file, const std::string& content) {
    Esp32Board board;
    board.write(file, content);
    return board.reason();
  };
  const std::string app = esp32_firmware("app", 2);
  const std::string version1 = app + std::string(4, '\0') + std::string(64, 's');
  std::string version2 = app;
  version2.resize((app.size() + 0xFFF) / 0x1000 * 0x1000, '\xFF');
  version2 += "\xE7\x02" + std::string(0xFFE, 's');
  for (const std::string& file : {version1, version2}) {
    EXPECT_EQ(reason_of("fw.bin", file), "secure-boot");
    EXPECT_EQ(reason_of("boot.bin", file), "secure-boot");
  }
  const std::string table = esp32_table(esp32_partitions());
  EXPECT_EQ(reason_of("table.bin", table + std::string(68, 's')), "secure-boot");
  // Padding is no signature.
  EXPECT_EQ(reason_of("fw.bin", app + std::string(0x1000, '\xFF')), "");
  EXPECT_EQ(reason_of("fw.bin", app + std::string(64, '\0')), "");
  EXPECT_EQ(reason_of("table.bin", table + std::string(0x400, '\xFF')), "");
}

TEST(Esp32Guards, RefuseTheDigestOfSecureBootInAMergedFile) {
  Esp32Board board;
  board.manifest.lfs = {};
  board.manifest.lilotafs = {};
  std::string merged = as_text(applied(board.plan().value()));
  merged.replace(0, 192, std::string(192, 'd'));
  board.manifest.bootloader = "";
  board.manifest.partition_table = "";
  board.write("fw.bin", merged);
  EXPECT_EQ(board.reason(), "secure-boot");
}

TEST(Esp32Guards, RefuseImagesForAnotherChip) {
  for (const char* file : {"boot.bin", "fw.bin"}) {
    Esp32Board board;
    board.write(file, esp32_firmware("for an ESP32-S3", 2, 9));
    EXPECT_EQ(board.reason(), "other-chip");
    EXPECT_THAT(board.message(), HasSubstr("esp32s3"));
    board.write(file, as_text(esp8266_image(some_segments())));
    EXPECT_EQ(board.reason(), "other-chip");
  }
}

TEST(Esp32Guards, RefuseDamagedFiles) {
  for (const char* file : {"boot.bin", "fw.bin"}) {
    Esp32Board board;
    std::string damaged = esp32_firmware("app", 2);
    damaged[2] ^= 1;  // the header is under the digest
    board.write(file, damaged);
    EXPECT_EQ(board.reason(), "bad-firmware");
    board.write(file, "nothing of the kind");
    EXPECT_EQ(board.reason(), "bad-firmware");
  }
  Esp32Board board;
  std::string table = esp32_table(esp32_partitions());
  table[9] ^= 1;
  board.write("table.bin", table);
  EXPECT_EQ(board.reason(), "no-table");
  board.write("table.bin", std::string(0xC00, '\xFF'));
  EXPECT_EQ(board.reason(), "no-table");
}

TEST(Esp32Guards, RefuseAnAppOrABootLoaderTooLarge) {
  Esp32Board board;
  board.write("fw.bin", esp32_firmware("large", kIdfAppBytes / 0x1000 + 1));
  EXPECT_EQ(board.reason(), "app-too-large");
  board.write("fw.bin", esp32_firmware("large", kIdfAppBytes / 0x1000));
  EXPECT_EQ(board.reason(), "");
  board.write("boot.bin", esp32_firmware("large", 8));
  EXPECT_EQ(board.reason(), "bootloader-too-large");
}

TEST(Esp32Guards, RefuseAnAppWithoutAPlace) {
  EXPECT_EQ(reason_with([](auto& table) { table.erase(table.begin() + 2, table.begin() + 4); }),
            "no-app-partition");
  Esp32Board board;
  board.manifest.partitions.app = "lfs";  // of another type
  EXPECT_EQ(board.reason(), "no-app-partition");
}

TEST(Esp32Guards, WantToBeToldWhereLfsIsMapped) {
  Esp32Board board;
  board.manifest.partitions.lfs.mapped = {};
  EXPECT_EQ(board.reason(), "mapped-unknown");
  for (const uint32_t wrong : {0x3F438000u, 0x40200000u, 0x3F3F0000u, 0x3F800000u}) {
    board.manifest.partitions.lfs.mapped = wrong;
    EXPECT_EQ(board.reason(), "mapped-address") << wrong;
  }
  board.manifest.partitions.lfs.mapped = 0x3F7F0000;
  EXPECT_EQ(board.reason(), "");
  auto partitions = esp32_partitions();
  partitions[kIndexLfs].bytes = 0x20000;
  partitions[kIndexFiles].address = 0x70000;
  board.write("table.bin", esp32_table(partitions));
  EXPECT_EQ(board.reason(), "mapped-address");  // one page too many
  board.manifest.lfs = {};
  board.manifest.partitions.lfs = {};
  EXPECT_EQ(board.reason(), "");
}

TEST(Esp32Guards, RefuseALfsPartitionThatCannotBeMapped) {
  EXPECT_EQ(reason_with([](auto& table) {
              table[kIndexFiles].address = 0x70000;
              table[kIndexLfs].address = 0x51000;
            }),
            "lfs-unaligned");
}

TEST(Esp32Guards, RefuseAnAbsoluteImageForAnotherAddress) {
  const std::string relocatable = relocatable_image();
  std::vector<uint8_t> bytes(relocatable.begin(), relocatable.end());
  const auto view = luaflash::open_image(bytes).value();
  std::vector<uint8_t> bitmap(luaflash::bitmap_words(view.words() * 4) * 4);
  ASSERT_TRUE(luaflash::verify_structure(view, bitmap).ok());
  std::vector<uint8_t> moved(view.bytes().begin(), view.bytes().end());
  luaflash::relocate(moved, bitmap, kMapped);
  core::store_word(moved, 0, view.signature() | luaflash::kAbsoluteBit);
  Esp32Board board;
  board.write("lfs.img", as_text(moved));
  board.manifest.lfs = {};
  board.manifest.lfs.image = "lfs.img";
  EXPECT_EQ(board.reason(), "");
  board.manifest.partitions.lfs.mapped = kMapped + 0x10000;
  EXPECT_EQ(board.reason(), "other-base");
}

TEST(Esp32Guards, RefuseTablesWithoutPlacesForWhatThereIs) {
  EXPECT_EQ(reason_with([](auto& table) { table.erase(table.begin() + kIndexLfs); }),
            "no-lfs-partition");
  EXPECT_EQ(reason_with([](auto& table) { table.erase(table.begin() + kIndexFiles); }),
            "no-lilotafs-partition");
  Esp32Board board;
  auto partitions = esp32_partitions();
  partitions.erase(partitions.begin() + 1);
  board.write("table.bin", esp32_table(partitions));
  board.manifest.erases_otadata = true;
  EXPECT_EQ(board.reason(), "no-otadata");
}

TEST(Esp32Guards, RefuseRawBytesOverWhatBoots) {
  Esp32Board board;
  board.manifest.bootloader = "";
  board.manifest.partition_table = "";
  board.manifest.firmware = "";
  board.manifest.partitions.policy = provision::TablePolicy::kDevice;
  board.plan_for(applied(Esp32Board("old").plan().value()));
  board.write("raw.bin", "x");
  for (const uint32_t address : {kBoot, kIdfTable, kFactory, kOta}) {
    board.manifest.raw = {{"raw.bin", address}};
    EXPECT_EQ(board.reason(), "overlap") << address;
  }
  board.manifest.raw = {{"raw.bin", 0x90000}};
  EXPECT_EQ(board.reason(), "");
}

TEST(Esp32Guards, RefuseWhatAMergedFileHasThatNobodyChecked) {
  Esp32Board board;
  std::string merged = as_text(applied(board.plan().value()));
  board.manifest.bootloader = "";
  board.manifest.partition_table = "";
  board.write("fw.bin", merged);
  EXPECT_EQ(board.reason(), "");  // LFS and files are in the plan, these hold
  board.manifest.lfs = {};
  EXPECT_EQ(board.reason(), "unchecked-content");
  merged.replace(kIdfLfs, kLfsBytes + kIdfFilesBytes, kLfsBytes + kIdfFilesBytes, '\xFF');
  merged[0x90000] = 'x';
  board.write("fw.bin", merged);
  EXPECT_EQ(board.reason(), "stray-bytes");
}

TEST(Esp32Guards, RefuseContradictions) {
  Esp32Board board;
  board.manifest.partitions.policy = provision::TablePolicy::kDefault;
  EXPECT_EQ(board.reason(), "no-default-table");
  board.manifest.partitions.policy = provision::TablePolicy::kDevice;
  EXPECT_EQ(board.reason(), "two-of-one");
  board.manifest.partition_table = "";
  EXPECT_EQ(board.reason(), "no-table");
  board.manifest.partitions.policy = provision::TablePolicy::kFirmware;
  board.manifest.partition_table = "table.bin";
  board.write("fw.bin", as_text(applied(Esp32Board().plan().value())));
  EXPECT_EQ(board.reason(), "two-of-one");
  board.manifest = {};
  board.manifest.chip = "esp32";
  EXPECT_EQ(board.reason(), "nothing-to-flash");
  board.manifest.flash.mode = "qio";
  board.manifest.partition_table = "table.bin";
  board.manifest.flash.bytes = kFlashBytes;
  EXPECT_EQ(board.reason(), "no-bootloader");
}

TEST(Esp32Guards, RefuseAnEsp32sKeysForAnEsp8266) {
  Board board;
  board.manifest.bootloader = "fw.bin";
  EXPECT_EQ(board.reason(), "not-for-this-chip");
  board.manifest.bootloader = "";
  board.manifest.partitions.lfs.mapped = kMapped;
  EXPECT_EQ(board.reason(), "not-for-this-chip");
}

TEST(Esp32Guards, RefuseADeviceWithOtherFlash) {
  Esp32Board board;
  board.device.flash_bytes = 0x400000;
  EXPECT_EQ(board.reason(), "other-flash");
}

}  // namespace
}  // namespace flashstore::test
