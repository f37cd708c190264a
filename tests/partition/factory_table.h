// Tables that the original's builds make, and what tests look for in tables.
#pragma once

#include <gtest/gtest.h>

#include "partition/table.h"

namespace flashstore::partition {

inline constexpr uint32_t k4MiB = 0x400000;

// What the original build puts into a firmware that ends at `end`, mapped.
inline Table factory_table(uint32_t end, uint32_t lfs_bytes, uint32_t files_bytes) {
  Table table;
  table.add({kEagleRom, 0, 0xB000});
  table.add({kRfCalibration, 0xD000, 0x1000});
  table.add({kPhyInit, 0xF000, 0x1000});
  table.add({kIrom0Text, 0x10000, 0});
  table.add({kLfs, 0, lfs_bytes});
  table.add({kLilotafs, 0, files_bytes});
  table.add({kSystemParameter, 0, 0x3000});
  table.firmware_end = end;
  return table;
}

inline void expect_at(const Table& table, uint32_t type, uint32_t address, uint32_t bytes) {
  const Partition* found = table.find(type);
  ASSERT_NE(found, nullptr) << type;
  EXPECT_EQ(found->address, address) << type;
  EXPECT_EQ(found->bytes, bytes) << type;
}

}  // namespace flashstore::partition
