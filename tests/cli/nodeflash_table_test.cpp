// Partition tables in firmware files and dumps, by the tool as people call it. The original
// firmware brought a script for this; what is known to go wrong with it has a test each here.
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "support/files.h"
#include "support/firmware_maker.h"
#include "support/process.h"

namespace flashstore::test {
namespace {

using Json = nlohmann::json;

constexpr uint32_t kEnd = 0x40293000;
constexpr uint32_t kMax = 0xFFFFFFFF;
constexpr uint32_t kPage = 0x10000;

struct Answer {
  int status;
  Json document;

  // The id of the only diagnostic; "" if there is none.
  std::string id() const {
    const Json& found = document["diagnostics"];
    return found.empty() ? "" : found[0]["id"].get<std::string>();
  }
  // {address, size} of a partition.
  std::pair<uint32_t, uint32_t> at(const std::string& name) const {
    for (const Json& partition : document["partitions"]) {
      if (partition["name"] == name) {
        return {partition["address"], partition["size"]};
      }
    }
    return {};
  }
};

class NodeflashTable : public testing::Test {
 protected:
  static Answer run(std::vector<std::string> words) {
    words.insert(words.begin(), {NODEFLASH, "--json"});
    const ProcessResult result = run_process(words);
    return {result.exit_status, Json::parse(result.out)};
  }

  void write(const FirmwareBytes& bytes) { write_text(file_, as_text(bytes)); }
  FirmwareBytes read() const {
    const std::string text = read_text(file_);
    return {text.begin(), text.end()};
  }

  // A firmware as NodeMCU's build makes it.
  void write_firmware(uint32_t lfs_bytes = 0x10000, uint32_t spiffs_bytes = kMax,
                      uint8_t size_and_speed = 0x40) {
    write(nodemcu_firmware(factory_words(lfs_bytes, spiffs_bytes, kEnd), kEnd, size_and_speed));
  }

  Answer set(std::vector<std::string> words) {
    words.insert(words.begin(), {"table", "set"});
    words.push_back(file_);
    return run(words);
  }
  Answer show() { return run({"table", "show", file_}); }
  Answer lfs_base() { return run({"lfs-base", file_}); }

  using Place = std::pair<uint32_t, uint32_t>;

  TemporaryFolder folder_;
  const std::string file_ = folder_ / "firmware.bin";
};

TEST_F(NodeflashTable, TakesTheTableOfTheDefaultBuild) {
  write_firmware();
  ASSERT_EQ(set({"--lfs-size", "128K"}).status, 0);
  const Answer shown = show();
  EXPECT_EQ(shown.status, 0);
  EXPECT_TRUE(shown.document["factory"].is_null());
  EXPECT_EQ(shown.at("lfs"), Place(0x94000, 0x20000));
  EXPECT_EQ(shown.at("files"), Place(0xB4000, 0x400000 - 0x3000 - 0xB4000));
  EXPECT_EQ(shown.at("system-parameter"), Place(0x3FD000, 0x3000));
}

TEST_F(NodeflashTable, PutsLfsWhereTheFirmwareDoes) {
  write_firmware();
  EXPECT_EQ(lfs_base().document["lfs_base"], 0x40294000);
  EXPECT_EQ(show().at("irom0-text"), Place(0x10000, 0x84000));
}

TEST_F(NodeflashTable, NeverRoundsASizeDown) {
  for (const char* size : {"0x1000", "0x11000"}) {
    write_firmware();
    ASSERT_EQ(set({"--lfs-size", size}).status, 0);
    EXPECT_EQ(show().at("lfs").second % 0x1000, 0u);
    EXPECT_GE(show().at("lfs").second, std::stoul(size, nullptr, 16));
  }
  write_firmware();  // the first boot would round it up
  EXPECT_EQ(set({"--lfs-size", "0x11800"}).id(), "unaligned");
}

TEST_F(NodeflashTable, RefusesLfsWhereNothingIsMapped) {
  write_firmware(0x10000, 0);
  const FirmwareBytes before = read();
  const Answer answer = set({"--lfs-addr", "0x200000"});
  EXPECT_EQ(answer.status, 1);
  EXPECT_EQ(answer.id(), "outside-window");
  EXPECT_EQ(read(), before);
}

TEST_F(NodeflashTable, SaysThatABlankPageHasNoTable) {
  write_firmware();
  FirmwareBytes bytes = read();
  std::fill_n(bytes.begin() + kPage, 0x1000, 0xFF);
  write(bytes);
  for (const Answer& answer : {show(), lfs_base(), set({"--lfs-size", "64K"})}) {
    EXPECT_EQ(answer.status, 1);
    EXPECT_EQ(answer.id(), "no-table");
  }
  const std::string table = folder_ / "table.json";
  write_text(table,
             run({"table", "create", "--flash-size", "4M", folder_ / "page"}).document.dump());
  EXPECT_EQ(set({"--from", table, "--lfs-size", "128K"}).status, 0);
  EXPECT_EQ(show().at("lfs"), Place(0xA0000, 0x20000));
}

TEST_F(NodeflashTable, TheFirstTableIsInForceAndDeletedRecordsStay) {
  std::vector<uint32_t> words = {0x003, 1, 2, 3, 0x200};  // deleted; the radio is set up
  for (const uint32_t lfs : {0x20000u, 0x10000u}) {
    words.insert(words.end(),
                 {0x109, 102, 0x10000, 0x84000, 103, 0x94000, lfs, 6, 0x3FD000, 0x3000});
  }
  write(nodemcu_firmware(words, kEnd));
  EXPECT_EQ(show().at("lfs"), Place(0x94000, 0x20000));
  const FirmwareBytes before = read();
  ASSERT_EQ(set({"--lfs-size", "64K"}).status, 0);
  EXPECT_EQ(show().at("lfs"), Place(0x94000, 0x10000));
  const FirmwareBytes after = read();
  EXPECT_TRUE(
      std::equal(before.begin() + kPage, before.begin() + kPage + 20, after.begin() + kPage));
  EXPECT_EQ(after[kPage + 21], 0);  // both old tables are deleted,
  EXPECT_EQ(after[kPage + 20 + 41], 0);
  EXPECT_EQ(after[kPage + 20 + 81], 1);  // the new one comes behind them
}

TEST_F(NodeflashTable, TakesTheFlashSizeFromTheHeader) {
  for (const auto& [byte, end] : {std::pair<uint8_t, uint32_t>{0x20, 0x100000},
                                  {0x3F, 0x200000},
                                  {0x8F, 0x800000},
                                  {0x90, 0x1000000}}) {
    write_firmware(0x10000, kMax, byte);
    EXPECT_EQ(show().document["flash_size"], end);
    EXPECT_EQ(show().at("system-parameter"), Place(end - 0x3000, 0x3000));
  }
  write_firmware();
  EXPECT_EQ(set({"--lfs-size", "64K"}).id(), "");
  write_firmware();
  const Answer other = set({"--flash-size", "1M", "--lfs-size", "64K"});
  EXPECT_EQ(other.status, 0);
  EXPECT_EQ(other.id(), "header-flash-size");  // a warning
  write_firmware(0x10000, kMax, 0x00);         // 512 KiB: the firmware refuses it too
  EXPECT_EQ(show().id(), "flash-size");
  EXPECT_EQ(lfs_base().id(), "flash-size");
}

TEST_F(NodeflashTable, FailingLeavesTheOldFile) {
  write_firmware();
  const FirmwareBytes before = read();
  EXPECT_EQ(set({"--lfs-size", "8M"}).status, 1);
  EXPECT_EQ(set({"--lfs-size", "64K", "-o", folder_ / "no/where"}).status, 3);
  EXPECT_EQ(read(), before);
}

TEST_F(NodeflashTable, NothingChangesButThePage) {
  write_firmware();
  const FirmwareBytes before = read();
  ASSERT_EQ(set({"--lfs-size", "256K"}).status, 0);
  const FirmwareBytes after = read();
  ASSERT_EQ(after.size(), before.size());
  for (size_t at = 0; at < after.size(); ++at) {
    if (at < kPage || at >= kPage + 0x1000) {
      ASSERT_EQ(after[at], before[at]) << at;
    }
  }
}

TEST_F(NodeflashTable, TakesAFinalTableWithoutFiles) {
  write_firmware(0x10000, 0);
  ASSERT_EQ(set({"--lfs-size", "64K"}).status, 0);
  ASSERT_TRUE(show().document["factory"].is_null());
  ASSERT_EQ(show().at("files"), Place());
  ASSERT_EQ(set({"--lfs-size", "128K"}).status, 0);
  ASSERT_EQ(set({"--fs-size", "1M"}).status, 0);
  EXPECT_EQ(show().at("lfs"), Place(0x94000, 0x20000));
  EXPECT_EQ(show().at("files"), Place(0x100000, 0x100000));
}

// Of a firmware of ours: what its next boot puts into the page is what is shown and changed.
TEST_F(NodeflashTable, TakesTheBackupOfAPageThatWasBeingCleared) {
  constexpr uint32_t kBackup = 0x11000;
  write_firmware();
  FirmwareBytes bytes = read();
  std::copy_n(bytes.begin() + kPage, 0x1000, bytes.begin() + kBackup);
  const uLong sum = crc32(0, bytes.data() + kBackup, 0xFFC);
  for (int i = 0; i < 4; ++i) {
    bytes[kBackup + 0xFFC + i] = static_cast<uint8_t>(sum >> (8 * i));
  }
  std::fill_n(bytes.begin() + kPage, 0x1000, 0xFF);
  write(bytes);
  EXPECT_EQ(show().id(), "no-table");  // an original firmware has code there, no backup
  std::fill_n(bytes.begin() + 0x12000, 32, 0);
  std::ranges::copy(std::string("flashstore-firmware int"), bytes.begin() + 0x12000);
  write(bytes);
  EXPECT_EQ(show().at("lfs"), Place(0x94000, 0x10000));
  ASSERT_EQ(set({"--lfs-size", "64K", "--fs-size", "1M"}).status, 0);
  EXPECT_EQ(show().at("files"), Place(0x100000, 0x100000));
  EXPECT_EQ(read()[kBackup], 0xFF);  // so that no boot puts the old table back
}

TEST_F(NodeflashTable, NamesBothThatOverlap) {
  write_firmware(0x10000, 0x100000);
  const Answer answer = set({"--lfs-size", "448K"});
  EXPECT_EQ(answer.id(), "overlap");
  const std::string message = answer.document["diagnostics"][0]["message"];
  EXPECT_EQ(message,
            "lfs at 0x94000, 458,752 B (448.0 KiB), and files at 0x100000, 1,048,576 B (1.0 MiB), "
            "overlap");
}

TEST_F(NodeflashTable, LooksForTheTableOfAnEsp32InItsDump) {
  FirmwareBytes chip(0x1000, 0xFF);
  const FirmwareBytes boot = esp32_image(some_segments());
  chip.insert(chip.end(), boot.begin(), boot.end());
  chip.resize(0x8000, 0xFF);
  const std::string table = read_text(FLASHSTORE_TEST_DATA "/partition/esp32.bin");
  chip.insert(chip.end(), table.begin(), table.end());
  chip.resize(0x200000, 0xFF);
  write(chip);
  Answer shown = show();
  EXPECT_EQ(shown.status, 0);
  EXPECT_EQ(shown.document["table_at"], 0x8000);
  EXPECT_EQ(shown.document["flash_size"], 0x400000);
  ASSERT_EQ(set({"--lfs-size", "128K", "--fs-size", "max"}).status, 0);
  shown = show();
  EXPECT_EQ(shown.at("lfs"), Place(0x110000, 0x20000));
  EXPECT_EQ(shown.at("lilotafs"), Place(0x130000, 0x2D0000));
  const FirmwareBytes after = read();
  EXPECT_TRUE(std::equal(chip.begin(), chip.begin() + 0x8000, after.begin()));
  EXPECT_TRUE(std::equal(chip.begin() + 0x8C00, chip.end(), after.begin() + 0x8C00));
}

TEST_F(NodeflashTable, SaysWhatIsInAFirmwareThatHasNone) {
  write(esp8266_image(some_segments()));
  EXPECT_EQ(show().id(), "no-table");
  write(esp32_image(some_segments()));
  EXPECT_EQ(lfs_base().id(), "no-table");
  // Of version 2, even if it has the words of a table in the right place.
  FirmwareBytes text(0x20000, 0x5A);
  const std::vector<uint32_t> words = factory_words(0x10000, kMax, kEnd);
  std::memcpy(text.data() + kPage - 16, words.data(), words.size() * 4);
  write(esp8266_version2_image(text, some_segments()));
  EXPECT_EQ(show().id(), "no-table");
  EXPECT_EQ(lfs_base().id(), "no-table");
}

TEST_F(NodeflashTable, WarnsOfADamagedFirmware) {
  write_firmware();
  FirmwareBytes bytes = read();
  bytes[40] ^= 1;
  write(bytes);
  const Answer answer = run({"table", "show", "--flash-size", "4M", file_});
  EXPECT_EQ(answer.status, 0);
  EXPECT_EQ(answer.id(), "damaged-firmware");
  EXPECT_EQ(show().document["diagnostics"][1]["id"], "flash-size-unknown");
}

struct Invocation {
  int exit_status;
  std::string id;
  std::vector<std::string> words;  // FW stands for a firmware, OUT for a file that is not there
};

TEST_F(NodeflashTable, EveryRefusalHasAReasonOfItsOwn) {
  write_text(folder_ / "list.json", R"({"kind": "esp-idf", "partitions": []})");
  write_text(folder_ / "no.json", "{");
  const std::string list = folder_ / "list.json";
  const std::string no = folder_ / "no.json";
  const std::vector<Invocation> invocations{
      {2, "usage", {"table", "set", "FW"}},
      {2, "usage", {"table", "set", "--lfs-size", "x", "FW"}},
      {2, "usage", {"table", "create", "OUT"}},
      {2, "usage", {"table", "set", "--from", "-", "-o", "OUT", "-"}},
      {2, "usage", {"lfs-base"}},
      {3, "unreadable", {"table", "show", "OUT"}},
      {3, "unwritable", {"table", "create", "--flash-size", "4M", "/nowhere/x"}},
      {1, "no-table", {"table", "show", "--table-at", "16M", "FW"}},
      {1, "flash-size", {"table", "set", "--flash-size", "512K", "--lfs-size", "64K", "FW"}},
      {1, "unaligned", {"table", "set", "--lfs-addr", "0xa0001", "FW"}},
      {1, "no-partition", {"table", "set", "--freezer-addr", "0xa0000", "FW"}},
      {1, "past-end", {"table", "set", "--fs-size", "15M", "FW"}},
      {1, "other-kind", {"table", "set", "--from", list, "FW"}},
      {1, "table-json", {"table", "create", "--from", no, "OUT"}},
      {1,
       "table-format",
       {"table", "set", "--from", FLASHSTORE_TEST_DATA "/lfs/differences.json", "FW"}},
      {1,
       "past-end",
       {"table", "create", "--flash-size", "1M", "--fs-addr", "1M", "--fs-size", "4K", "OUT"}},
      {1, "no-partition", {"table", "create", "--flash-size", "1M", "--fs-addr", "1M", "OUT"}},
  };
  for (const Invocation& invocation : invocations) {
    SCOPED_TRACE(testing::PrintToString(invocation.words));
    write_firmware();
    const FirmwareBytes before = read();
    std::vector<std::string> words;
    for (const std::string& word : invocation.words) {
      words.push_back(word == "FW" ? file_ : word == "OUT" ? folder_ / "out" : word);
    }
    const Answer answer = run(words);
    EXPECT_EQ(answer.status, invocation.exit_status);
    EXPECT_EQ(answer.id(), invocation.id);
    EXPECT_FALSE(answer.document["ok"]);
    EXPECT_EQ(read(), before);
  }
}

}  // namespace
}  // namespace flashstore::test
