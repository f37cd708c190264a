#include "board/qemu-lx106/line.h"

namespace flashstore::lx106 {

Line& Line::text(const char* words) {
  while (*words != '\0' && size_ < kMost) {
    line_[size_++] = *words++;
  }
  return *this;
}

Line& Line::decimal(uint32_t value) {
  char digits[11];
  char* first = digits + sizeof digits;
  *--first = '\0';
  do {
    *--first = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  return text(first);
}

Line& Line::hexadecimal(uint32_t value) {
  char digits[] = "0x00000000";
  for (char* digit = digits + sizeof digits - 2; value != 0; value >>= 4) {
    const uint32_t nibble = value & 0xF;
    *digit-- = static_cast<char>(nibble < 10 ? '0' + nibble : 'a' + nibble - 10);
  }
  return text(digits);
}

void Line::print() {
  text("\n");
  board::put(view());
}

}  // namespace flashstore::lx106
