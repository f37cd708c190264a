// Partitions made byte by byte, for tests: whole ones, and what power cuts leave.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace flashstore::test {

using Image = std::vector<uint8_t>;

// Records are put one behind the other, as the original would write them, from where go() says; at
// first from 0. What does not fit the partition is the test's mistake and throws std::out_of_range.
class Draft {
 public:
  static constexpr uint16_t kRecord = 0x5AA5;
  static constexpr uint16_t kHead = 0x5A00;
  static constexpr uint16_t kNextHead = 0x5AA0;

  explicit Draft(uint32_t sectors = 4) : image_(sectors * 4096, 0xFF) {}

  Draft& record(uint16_t magic, uint8_t status, const std::string& name, const std::string& data);
  Draft& file(const std::string& name, const std::string& data) {
    return record(kRecord, 0xFC, name, data);
  }
  Draft& directory(const std::string& name) { return record(kRecord, 0xFC, name, ""); }
  // What a fresh partition begins with.
  Draft& dummy_head() { return record(kHead, 0xFC, "", ""); }
  Draft& wear_marker() { return record(kRecord, 0xE0, "", ""); }
  // The next record goes to 0.
  Draft& wrap();

  // A file that was being written: its length is still FFFFFFFF. The next record would go behind
  // what it has of its data.
  Draft& open_file(const std::string& name, const std::string& data);
  // An open record of which only the header and a part of the name are there.
  Draft& open_name(const std::string& part);

  Draft& go(uint32_t offset) {
    at_ = offset;
    return *this;
  }
  Draft& put(uint32_t offset, std::initializer_list<uint8_t> bytes);
  Draft& put(uint32_t offset, const std::string& bytes);
  Draft& put_word(uint32_t offset, uint32_t word);

  uint32_t at() const { return at_; }      // where the next record goes
  uint32_t last() const { return last_; }  // where the last one went
  const Image& image() const { return image_; }

 private:
  void put_header(uint16_t magic, uint8_t status, const std::string& name);

  Image image_;
  uint32_t at_ = 0;
  uint32_t last_ = 0;
};

// So many bytes that are nowhere like a record.
std::string text_of(size_t bytes, char seed = 'a');

}  // namespace flashstore::test
