#include "boot/messages.h"

namespace flashstore::firmware {

std::string_view join(std::initializer_list<std::string_view> texts) {
  static char joined[96];
  size_t length = 0;
  for (const std::string_view text : texts) {
    length += text.copy(joined + length, sizeof joined - length);
  }
  return {joined, length};
}

Decimal::Decimal(uint32_t number) {
  do {
    digits_[--first_] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
}

Hexadecimal::Hexadecimal(uint32_t number) : digits_{'0', 'x'} {
  for (uint32_t i = 0; i < 8; i++) {
    const uint32_t digit = number >> (28 - 4 * i) & 15;
    digits_[2 + i] = static_cast<char>(digit < 10 ? '0' + digit : 'a' + digit - 10);
  }
}

}  // namespace flashstore::firmware
