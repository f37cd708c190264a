#include "lilotafs/draft.h"

namespace flashstore::test {
namespace {

uint32_t round_up(size_t offset, uint32_t step) {
  return static_cast<uint32_t>((offset + step - 1) / step * step);
}

}  // namespace

void Draft::put_header(uint16_t magic, uint8_t status, const std::string& name) {
  last_ = at_;
  put(at_, {static_cast<uint8_t>(magic), static_cast<uint8_t>(magic >> 8), status, 0x00});
  put(at_ + 8, name);
  at_ += 8;
}

Draft& Draft::record(uint16_t magic, uint8_t status, const std::string& name,
                     const std::string& data) {
  open_file(name, data);
  put(last_, {static_cast<uint8_t>(magic), static_cast<uint8_t>(magic >> 8), status, 0x00});
  return put_word(last_ + 4, static_cast<uint32_t>(data.size()));
}

Draft& Draft::open_file(const std::string& name, const std::string& data) {
  put_header(kRecord, 0xFE, name);
  put(at_ + static_cast<uint32_t>(name.size()), {0});
  at_ = round_up(at_ + name.size() + 1, name.ends_with(".bin") ? 0x10000 : 8);
  put(at_, data);
  return go(round_up(at_ + data.size(), 8));
}

Draft& Draft::open_name(const std::string& part) {
  put_header(kRecord, 0xFE, part);
  return go(round_up(at_ + part.size(), 8));
}

Draft& Draft::wrap() {
  last_ = at_;
  put(at_, {0xFA, 0x5A, 0xF0, 0, 0, 0, 0, 0});
  return go(0);
}

Draft& Draft::put(uint32_t offset, std::initializer_list<uint8_t> bytes) {
  return put(offset, std::string(bytes.begin(), bytes.end()));
}

Draft& Draft::put(uint32_t offset, const std::string& bytes) {
  for (const char c : bytes) {
    image_.at(offset++) = static_cast<uint8_t>(c);
  }
  return *this;
}

Draft& Draft::put_word(uint32_t offset, uint32_t word) {
  return put(offset, {static_cast<uint8_t>(word), static_cast<uint8_t>(word >> 8),
                      static_cast<uint8_t>(word >> 16), static_cast<uint8_t>(word >> 24)});
}

std::string text_of(size_t bytes, char seed) {
  std::string text(bytes, ' ');
  for (size_t i = 0; i < bytes; ++i) {
    text[i] = static_cast<char>('a' + (static_cast<size_t>(seed) + i * 7 + i / 26) % 26);
  }
  return text;
}

}  // namespace flashstore::test
