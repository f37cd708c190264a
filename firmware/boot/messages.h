// Text for the console.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "board/board.h"

namespace flashstore::firmware {

// Prints all of them, one behind the other.
template <class... Texts>
void say(const Texts&... texts) {
  (board::put(texts), ...);
}

// All of them as one text, of at most 96 bytes; good until the next one is made.
std::string_view join(std::initializer_list<std::string_view> texts);

// A number as text, good until the end of the expression it stands in.
class Decimal {
 public:
  explicit Decimal(uint32_t number);
  operator std::string_view() const { return {digits_ + first_, sizeof digits_ - first_}; }

 private:
  char digits_[10];
  uint32_t first_ = sizeof digits_;
};

class Hexadecimal {
 public:
  explicit Hexadecimal(uint32_t number);
  operator std::string_view() const { return {digits_, sizeof digits_}; }

 private:
  char digits_[10];  // 0x and eight digits
};

}  // namespace flashstore::firmware
