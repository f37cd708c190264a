// Constants of .lc files; chunk.h tells what they are.
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

// What the header must be, for it says nothing but the machine the chunk is for.
constexpr std::array<uint8_t, kHeaderBytes> header(Flavour flavour) {
  const bool integral = flavour == Flavour::kInt;
  return {kEscape,          'L', 'u', 'a', 0x51, 0, 1, 4, 4, 4, uint8_t(integral ? 4 : 8),
          uint8_t(integral)};
}

}  // namespace flashstore::luac::chunk
