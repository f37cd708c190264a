#include "luaflash/freezer_region.h"

#include <set>

#include "luaflash/string_hash.h"

namespace flashstore::luaflash::test {
namespace {

class Reader {
 public:
  Reader(const std::vector<uint8_t>& bytes, Region& region) : bytes_(bytes), region_(region) {}

  std::string read() {
    if (word(0) != 0x015A5246) {
      return blank(0) ? "" : "neither blank nor a freezer";
    }
    for (uint32_t bucket = 0; bucket < 256 + 32 && flaw_.empty(); bucket++) {
      chain(bucket);
    }
    return flaw_.empty() ? rest() : flaw_;
  }

 private:
  uint32_t word(uint32_t offset) const {
    uint32_t value = 0;
    for (uint32_t i = 0; i < 4; i++) {
      value |= uint32_t{bytes_.at(offset + i)} << (8 * i);
    }
    return value;
  }
  bool blank(size_t from) const {
    for (size_t i = from; i < bytes_.size(); i++) {
      if (bytes_[i] != 0xFF) {
        return false;
      }
    }
    return true;
  }

  void chain(uint32_t bucket) {
    uint32_t link = 32 + 4 * bucket;
    while (word(link) != 0xFFFFFFFF && flaw_.empty()) {
      const uint32_t block = word(link) - kRegionBase;
      if (block % 4 != 0 || block <= link || block > bytes_.size() - 16) {
        flaw_ = "a link of bucket " + std::to_string(bucket) + " leads nowhere";
        return;
      }
      take(block, bucket);
      link = block;
    }
  }

  void take(uint32_t block, uint32_t bucket) {
    const uint32_t hash = word(block + 8);
    const uint32_t length = word(block + 12);
    const bool is_string = bucket < 256;
    const uint32_t padded = is_string ? length / 4 * 4 + 4 : length;
    if (word(block + 4) != (is_string ? 0x4004 : 0x4009) || length > bytes_.size() ||
        padded > bytes_.size() - 16 - block ||
        bucket != (is_string ? hash % 256 : 256 + hash % 32)) {
      flaw_ = "no block at " + std::to_string(block);
      return;
    }
    for (uint32_t i = 0; i < 16 + padded; i += 4) {
      if (!owned_.insert(block + i).second) {
        flaw_ = "blocks share " + std::to_string(block + i);
      }
    }
    const uint32_t address = kRegionBase + block;
    if (!is_string) {
      for (uint32_t i = 0; i < length; i += 4) {
        region_.functions[address + 16].push_back(word(block + 16 + i));
      }
      return;
    }
    std::string text(bytes_.begin() + block + 16, bytes_.begin() + block + 16 + length);
    for (uint32_t i = length; i < padded; i++) {
      if (bytes_[block + 16 + i] != 0) {
        flaw_ = "padding of " + text;
      }
    }
    if (string_hash(text) != hash || !texts_.insert(text).second) {
      flaw_ = "string " + text;
    }
    region_.strings[address] = text;
  }

  // Behind the tables, what belongs to no block is zero, up to where all is blank.
  std::string rest() const {
    uint32_t end = static_cast<uint32_t>(bytes_.size());
    while (end > 1184 && word(end - 4) == 0xFFFFFFFF) {
      end -= 4;
    }
    for (uint32_t at = 1184; at < end; at += 4) {
      if (!owned_.contains(at) && word(at) != 0) {
        return "a word that belongs to nothing at " + std::to_string(at);
      }
    }
    return "";
  }

  const std::vector<uint8_t>& bytes_;
  Region& region_;
  std::set<uint32_t> owned_;
  std::set<std::string> texts_;
  std::string flaw_;
};

}  // namespace

std::string read_region(const std::vector<uint8_t>& bytes, Region& region) {
  return Reader(bytes, region).read();
}

}  // namespace flashstore::luaflash::test
