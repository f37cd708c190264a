#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <string>

namespace flashstore::norsim {

// With "0x" in front, as addresses are written in messages.
inline std::string hexadecimal(uint64_t number) {
  std::array<char, 16> digits{};
  return "0x" + std::string(digits.data(),
                            std::to_chars(digits.data(), digits.data() + 16, number, 16).ptr);
}

}  // namespace flashstore::norsim
