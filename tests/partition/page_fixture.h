// A chip with a page of records, and ways to write such a page by hand.
#pragma once

#include <initializer_list>
#include <vector>

#include "core/bytes.h"
#include "norsim/flash.h"
#include "partition/nodemcu_page.h"

namespace flashstore::partition::test {

constexpr uint32_t kChipBytes = 0x13000;

struct RawRecord {
  uint32_t id;
  std::vector<uint32_t> body;
};

// Writes words one behind the other, from the beginning of the page.
inline void write_words(core::NorFlash& flash, const std::vector<uint32_t>& words) {
  for (uint32_t i = 0; i < words.size(); ++i) {
    std::array<uint8_t, 4> bytes;
    core::store_word(bytes, 0, words[i]);
    flash.program(kPageAddress + i * 4, bytes);
  }
}

inline void write_page(core::NorFlash& flash, std::initializer_list<RawRecord> records) {
  std::vector<uint32_t> words;
  for (const RawRecord& record : records) {
    words.push_back(static_cast<uint32_t>(record.body.size()) | record.id << 8);
    words.insert(words.end(), record.body.begin(), record.body.end());
  }
  write_words(flash, words);
}

// Tables that differ.
inline Table numbered_table(uint32_t number) {
  Table table;
  table.add({kIrom0Text, kPageAddress, 0x90000});
  table.add({kLfs, 0xA0000, 0x1000 * (number % 64 + 1)});
  table.add({kLilotafs, 0x100000, 0x1000 * (number + 1)});
  return table;
}

}  // namespace flashstore::partition::test
