// A broken partition made anew of the files that are to be found in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "image/salvage.h"

namespace flashstore::lilotafs_img {

// What a mount knows of a partition; nothing, if it cannot be believed.
struct KnownLog {
  uint32_t head = 0;
  std::map<std::string, uint32_t> live = {};  // paths of valid files, with their records
};

// Of each path the record in `dump` that counts, in the order of the paths. `partition` is as of
// image::find_records(). What the log leads to goes before all else: of the rest nobody knows how
// old it is.
std::vector<image::SalvagedRecord> records_that_count(std::span<const uint8_t> dump,
                                                      std::optional<uint64_t> partition,
                                                      const KnownLog& log);

struct Rebuilt {
  std::vector<uint8_t> partition;
  size_t files = 0;  // and directories
};

// A fresh partition as large as `partition`, of all files in that. Otherwise the reason, for
// people: there is none, or they do not fit.
core::Result<Rebuilt, std::string> rebuild(std::span<const uint8_t> partition, const KnownLog& log);

}  // namespace flashstore::lilotafs_img
