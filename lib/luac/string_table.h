// The strings of an image: which, in which order, and where.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "luac/base_image.h"
#include "luac/ir.h"

namespace flashstore::luac {

class StringTable {
 public:
  struct Entry {
    std::string_view bytes;
    uint32_t hash;
    uint32_t offset;  // words from the start of the image
  };

  // Collects the strings of `root` and the functions inside it, each distinct one once, and places
  // them behind header and hash vector. Those that `base` has stay out. Both must outlive the table
  // and stay as they are.
  StringTable(const Function& root, const BaseImage& base);

  // In the order of their offsets.
  const std::vector<Entry>& entries() const { return entries_; }
  uint32_t hash_slots() const { return hash_slots_; }
  uint32_t end() const { return end_; }  // offset behind the last string

  // Where the string `bytes`, one of those placed, lies.
  uint32_t offset_of(std::string_view bytes) const { return offsets_.at(bytes); }

 private:
  std::vector<Entry> entries_;
  std::unordered_map<std::string_view, uint32_t> offsets_;
  uint32_t hash_slots_ = 0;
  uint32_t end_ = 0;
};

}  // namespace flashstore::luac
