// The chips there are plans for, and what they have where.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "image/firmware_header.h"
#include "partition/idf_table.h"

namespace flashstore::provision {

struct ChipKind {
  std::string_view name;  // as esptool calls it
  image::FirmwareFormat format;
  uint32_t table_address;  // of the sector with the partition table
};

inline constexpr ChipKind kEsp8266 = {"esp8266", image::FirmwareFormat::kEsp8266,
                                      partition::kPageAddress};
inline constexpr ChipKind kEsp32 = {"esp32", image::FirmwareFormat::kEsp32, partition::kIdfAddress};
inline constexpr uint32_t kTableBytes = 4096;  // of that sector, of all chips

// nullptr: none.
const ChipKind* find_chip(std::string_view name);

// Whether there is a partition table in `sector`, of kTableBytes.
bool has_table(const ChipKind& chip, std::span<const uint8_t> sector);

// The table of an ESP32, in memory of its own.
struct OwnIdfTable {
  std::vector<partition::IdfPartition> partitions;
  bool has_digest = true;
};

core::Result<OwnIdfTable, partition::IdfProblem> read_own_table(std::span<const uint8_t> bytes);

}  // namespace flashstore::provision
