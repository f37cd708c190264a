// What a file is that is no lilotafs partition: it is named, not misread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace flashstore::lilotafs_img {

struct Stranger {
  std::string id;       // of the diagnostic
  std::string what;     // "a littlefs partition"
  std::string way_out;  // empty: none
};

// nullopt: nothing known. `bytes` are none that a mount takes.
std::optional<Stranger> recognise(std::span<const uint8_t> bytes);

}  // namespace flashstore::lilotafs_img
