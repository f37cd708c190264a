// Boards to be flashed by nodeflash, and what is to come onto them.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "answer.h"
#include "support/files.h"

namespace flashstore::test {

inline constexpr uint32_t kFirmwareEnd = 0x40293000;  // mapped
inline constexpr size_t kFlashBytes = 4 << 20;
inline constexpr size_t kSector = 4096;
inline constexpr size_t kPage = 0x10000;
inline constexpr size_t kLfs = 0x94000;  // behind such a firmware

struct FlashAnswer : Answer {
  // Why there were other tries.
  Words retries() const {
    Words ids;
    for (const Json& retry : device()["retries"]) {
      ids.push_back(retry["id"]);
    }
    return ids;
  }
};

// A board, and what is to come onto it.
class Flashing : public testing::Test {
 protected:
  Flashing();

  static Words everything() {
    return {"--firmware", "fw.bin", "--lua", "main.lua", "--lilotafs", "files"};
  }
  static Words everything_esp32() {
    return {"--chip",       "esp32",      "--bootloader", "boot.bin", "--partition-table",
            "table.bin",    "--firmware", "app.bin",      "--lua",    "main.lua",
            "--lfs-mapped", "0x3f430000", "--lilotafs",   "files"};
  }
  static Words lfs_only() { return {"--lua", "main.lua", "--partitions", "device"}; }

  ProcessOptions surroundings(std::map<std::string, std::string> more = {}) const {
    ProcessOptions options;
    options.directory = folder_.path();
    options.environment = std::move(more);
    options.environment.insert(
        {{"SOURCE_DATE_EPOCH", "1700000000"}, {"XDG_STATE_HOME", folder_ / "state"}});
    return options;
  }

  // What the image backend makes of `flash`.
  std::string image(const Words& plan, const std::string& flash = blank()) const;

  static std::string blank() { return std::string(kFlashBytes, '\xFF'); }
  std::string flash() const { return read_text(folder_ / "flash"); }
  bool is_untouched() const {
    return !std::filesystem::exists(folder_ / "flash") || flash() == blank();
  }

  static FlashAnswer answer(const ProcessResult& run) { return {answer_of(run)}; }

  TemporaryFolder folder_;
  std::string port_ = folder_ / "port";
  std::string chip_ = "esp8266";
};

// Through Espressif's own client to a virtual chip.
class FlashingAChip : public Flashing {
 protected:
  void SetUp() override;

  FlashAnswer run(const Words& plan, const Words& faults = {}, const Words& more = {});

  // How often the sector at `address` was erased.
  int erases_of(size_t address) const;

  // What is said to be there is there: nothing begins to exist before it is complete.
  static void expect_no_halves(const std::string& flash, const std::string& whole);
};

}  // namespace flashstore::test
