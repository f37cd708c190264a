// Names and places of all files in the caller's memory, so that finding one needs no flash.
#pragma once

#include <cstdint>
#include <span>

#include "lilotafs/record.h"

namespace flashstore::lilotafs {

class Index {
 public:
  explicit Index(std::span<uint8_t> memory) : memory_(memory), complete_(!memory.empty()) {}

  // All files are in it. Once one did not fit, the index is of no use until it is cleared.
  bool complete() const { return complete_; }

  void clear() { cut_back(0); }
  uint32_t bytes() const { return bytes_; }
  // Forgets what was added since bytes() was `bytes`.
  void cut_back(uint32_t bytes);

  void add(const Record& record, std::string_view name);
  void remove(uint32_t record);

  // Reads the entry at `position` and moves on to the next; false behind the last. The name is good
  // until the index changes.
  bool next(uint32_t& position, Record& record, std::string_view& name) const;

 private:
  std::span<uint8_t> memory_;
  uint32_t bytes_ = 0;
  bool complete_;
};

}  // namespace flashstore::lilotafs
