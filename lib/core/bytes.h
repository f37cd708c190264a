// Little-endian words in byte buffers, whatever the machine's own order and alignment.
#pragma once

#include <cstdint>
#include <span>

namespace flashstore::core {

// The word at bytes[offset .. offset + 3]; the caller has checked that it is there.
constexpr uint32_t load_word(std::span<const uint8_t> bytes, size_t offset) {
  return static_cast<uint32_t>(bytes[offset]) | static_cast<uint32_t>(bytes[offset + 1]) << 8 |
         static_cast<uint32_t>(bytes[offset + 2]) << 16 |
         static_cast<uint32_t>(bytes[offset + 3]) << 24;
}

constexpr void store_word(std::span<uint8_t> bytes, size_t offset, uint32_t word) {
  bytes[offset] = static_cast<uint8_t>(word);
  bytes[offset + 1] = static_cast<uint8_t>(word >> 8);
  bytes[offset + 2] = static_cast<uint8_t>(word >> 16);
  bytes[offset + 3] = static_cast<uint8_t>(word >> 24);
}

#ifdef __XTENSA__
using AlignedWord [[gnu::may_alias]] = uint32_t;
#endif

// The same where bytes.data() + offset is a multiple of 4 on machines that have to mind: a chip
// reads mapped flash by aligned words only, so there it is one instruction.
inline uint32_t load_aligned_word(std::span<const uint8_t> bytes, size_t offset) {
#ifdef __XTENSA__
  return *reinterpret_cast<const AlignedWord*>(bytes.data() + offset);
#else
  return load_word(bytes, offset);
#endif
}

inline void store_aligned_word(std::span<uint8_t> bytes, size_t offset, uint32_t word) {
#ifdef __XTENSA__
  *reinterpret_cast<AlignedWord*>(bytes.data() + offset) = word;
#else
  store_word(bytes, offset, word);
#endif
}

}  // namespace flashstore::core
