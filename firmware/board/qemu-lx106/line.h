// A short message for the console, put together without the C library.
#pragma once

#include <cstdint>

#include "board/board.h"

namespace flashstore::lx106 {

class Line {
 public:
  Line& text(const char* words);
  Line& decimal(uint32_t value);
  Line& hexadecimal(uint32_t value);

  std::string_view view() const { return {line_, size_}; }
  // With an end of line.
  void print();

 private:
  static constexpr uint32_t kMost = 120;

  char line_[kMost];
  uint32_t size_ = 0;
};

}  // namespace flashstore::lx106
