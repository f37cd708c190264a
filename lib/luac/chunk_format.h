// Constants of bytecode files; chunk.h tells what they are.
#pragma once

#include <array>
#include <cstdint>

#include "luac/target.h"

namespace flashstore::luac::chunk {

inline constexpr uint8_t kEscape = 0x1B;
inline constexpr size_t kHeaderBytes = 12;
inline constexpr size_t kAlignment = 4;

enum HeaderByte : uint8_t {
  kVersionByte = 4,
  kFormatByte = 5,
  kLittleEndianByte = 6,
  kIntBytes = 7,
  kSizeBytes = 8,
  kInstructionBytes = 9,
  kNumberBytes = 10,
  kIntegralByte = 11,
};

// What differs between the files.
struct Dialect {
  Flavour flavour;     // its numbers
  uint8_t size_bytes;  // of a string's length: 4 or 8
  bool nodemcu;        // code and line maps are aligned, line maps packed
};

constexpr Dialect nodemcu(Flavour flavour) {
  return {flavour, 4, true};
}

inline constexpr Dialect kStock{Flavour::kFloat, 8, false};

// What the header must be, for it says nothing but the machine the chunk is for.
constexpr std::array<uint8_t, kHeaderBytes> header(const Dialect& dialect) {
  const bool integral = dialect.flavour == Flavour::kInt;
  return {kEscape,
          'L',
          'u',
          'a',
          0x51,
          0,
          1,
          4,
          dialect.size_bytes,
          4,
          uint8_t(integral ? 4 : 8),
          uint8_t(integral)};
}

}  // namespace flashstore::luac::chunk
