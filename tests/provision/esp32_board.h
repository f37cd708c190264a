// An ESP32 to be provisioned: 1 MiB of flash with two apps, LFS and files.
#pragma once

#include "board.h"
#include "partition/idf_table.h"

namespace flashstore::test {

inline constexpr uint32_t kBoot = 0x1000;
inline constexpr uint32_t kIdfTable = 0x8000;
inline constexpr uint32_t kOtaData = 0xE000;
inline constexpr uint32_t kFactory = 0x10000;
inline constexpr uint32_t kOta = 0x30000;
inline constexpr uint32_t kIdfAppBytes = 0x20000;  // of each app partition
inline constexpr uint32_t kIdfLfs = 0x50000;
inline constexpr uint32_t kIdfFiles = 0x60000;
inline constexpr uint32_t kIdfFilesBytes = 0x20000;
inline constexpr uint32_t kMapped = 0x3F430000;  // LFS

// An image of about `sectors` sectors that tells its version.
std::string esp32_firmware(const std::string& version, uint32_t sectors, uint16_t chip = 0);

// nvs, otadata, factory, ota_0, lfs, lilotafs.
std::vector<partition::IdfPartition> esp32_partitions();
std::string esp32_table(std::vector<partition::IdfPartition> partitions, bool with_digest = true);

// All of it: boot loader, table, app, two Lua sources, a folder of files.
class Esp32Board : public Board {
 public:
  explicit Esp32Board(const std::string& version = "new");

  // The table has another LFS: it begins at `address`.
  void move_lfs(uint32_t address);
  // What is known of a device with such flash.
  void plan_for(const std::vector<uint8_t>& flash);
};

}  // namespace flashstore::test
