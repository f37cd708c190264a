// A freezer's region as its format describes it, read by code that shares nothing with the store.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "luaflash/freezer_store.h"

namespace flashstore::luaflash::test {

inline constexpr uint32_t kRegionBase = kFlashWindow + 0xE0000;
inline constexpr uint32_t kFlavour = kSignatureFloat;

// Words, some of which are offsets from the first one.
class Words final : public FreezerContent {
 public:
  explicit Words(std::vector<uint32_t> words, std::vector<bool> relative = {})
      : words_(std::move(words)), relative_(std::move(relative)) {
    relative_.resize(words_.size());
  }
  // The store's sinks are compiled without type information, which the sanitizer would look for.
  [[gnu::no_sanitize("vptr")]] bool emit(uint32_t address, WordSink& sink) const override {
    for (size_t i = 0; i < words_.size(); i++) {
      if (!sink.take(words_[i] + (relative_[i] ? address : 0))) {
        return false;
      }
    }
    return true;
  }
  std::vector<uint32_t> at(uint32_t address) const {
    std::vector<uint32_t> words = words_;
    for (size_t i = 0; i < words.size(); i++) {
      words[i] += relative_[i] ? address : 0;
    }
    return words;
  }

 private:
  std::vector<uint32_t> words_;
  std::vector<bool> relative_;
};

class Lfs final : public FreezerNeighbour {
 public:
  uint32_t identity() const override { return value; }
  uint32_t value = 0x1234;
};

// What the tables of a region lead to, by mapped address: of functions that of their content.
struct Region {
  std::map<uint32_t, std::string> strings;
  std::map<uint32_t, std::vector<uint32_t>> functions;
};

// Reads the region. Returns "" or what is wrong with it.
std::string read_region(const std::vector<uint8_t>& bytes, Region& region);

}  // namespace flashstore::luaflash::test
