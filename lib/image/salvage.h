// Finds the files in what is left of a lilotafs partition, record by record: no head, no chain, no
// beginning and no end are needed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flashstore::image {

struct SalvagedRecord {
  enum class Trust : uint8_t {
    kNone,     // looks like a record; nothing around it says so
    kLinked,   // a record leads to it, or it leads to one or to free space
    kChecked,  // its check byte says that name, length and data are whole
    kDamaged,  // its check byte says that they are not
  };

  uint64_t offset = 0;  // in the dump
  std::string path;     // a directory's ends with '/'
  std::span<const uint8_t> bytes;
  bool is_old = false;  // a version that was being replaced
  Trust trust = Trust::kNone;
};

// Stable, for scripts: "linked".
std::string_view name(SalvagedRecord::Trust trust);

// All records of `dump` that hold a valid version of a file or directory, in the order of their
// offsets. A dump may have any bytes in front of the partition, behind it, and in the place of
// parts of it. `partition`, if known, is where the partition begins in the dump: data of a `.bin`
// can be found without, but not always. A record in the data of a trusted one is a part of these
// data.
std::vector<SalvagedRecord> find_records(std::span<const uint8_t> dump,
                                         std::optional<uint64_t> partition = std::nullopt);

// Of each path the record that counts, in the order of the paths: a whole one before a doubtful or
// damaged one, a new one before an old one, then the one that is further behind `head`.
std::vector<SalvagedRecord> latest(std::vector<SalvagedRecord> records, uint64_t head = 0);

}  // namespace flashstore::image
