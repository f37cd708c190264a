// The partition table of ESP-IDF, which ESP32 chips have (FORMAT.md, "ESP-IDF").
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/result.h"
#include "partition/table.h"

namespace flashstore::partition {

struct IdfPartition {
  uint8_t type = 0;
  uint8_t subtype = 0;
  uint32_t address = 0;
  uint32_t bytes = 0;
  std::array<char, kIdfLabelBytes> label{};  // zeros behind it, if there is room
  uint32_t flags = 0;                        // bits of IdfFlag, and what else was there

  std::string_view name() const;
  // false: too long, or with a zero in it.
  bool set_name(std::string_view name);

  bool operator==(const IdfPartition&) const = default;
};

enum class IdfFlaw : uint32_t {
  kNone,
  kCutOff,     // the bytes end within an entry
  kMagic,      // an entry that is none
  kDigest,     // the MD5 is not that of the entries
  kNotTheEnd,  // an entry behind the MD5
  kLabel,      // characters behind the end of a label
  kNoRoom,     // for so many entries
};

// A short name for it, for messages and tests: "magic", "digest", ...
const char* name(IdfFlaw flaw);

struct IdfProblem {
  IdfFlaw flaw = IdfFlaw::kNone;
  uint32_t offset = 0;  // of the entry at fault, in bytes
};

struct IdfTable {
  std::span<IdfPartition> partitions;  // in the caller's memory
  bool has_digest = false;             // old tables have none
  uint32_t bytes = 0;                  // that the entries take, the MD5's included
};

// The table `bytes` begin with, which reach to its end or to the end of its sector: up to an erased
// entry, to the end of the bytes, or to kIdfMaxBytes. Entries go to `into`.
core::Result<IdfTable, IdfProblem> read_idf_table(std::span<const uint8_t> bytes,
                                                  std::span<IdfPartition> into);

// Writes a table to all of `into`: entries, MD5 if wanted, and erased bytes up to the end. Refuses
// what kIdfMaxBytes or `into` have no room for.
core::Result<IdfTable, IdfProblem> write_idf_table(std::span<IdfPartition> partitions,
                                                   bool with_digest, std::span<uint8_t> into);

// Judges partitions for a chip of `flash_bytes`, 0: of any size, whose table and what boots lie in
// front of them.
TableVerdict validate(std::span<const IdfPartition> partitions, uint32_t flash_bytes,
                      uint32_t table_address = kIdfAddress);

}  // namespace flashstore::partition
