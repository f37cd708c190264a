// Gzip members and deflated blocks written bit by bit, right or wrong as a test wishes.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

namespace flashstore::test {

using Lengths = std::vector<uint8_t>;  // of the codes of symbol 0, 1, ...; 0: does not occur

class BitWriter {
 public:
  // The first `count` bits of a number, lowest first.
  BitWriter& bits(uint32_t value, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
      bit(value >> i & 1);
    }
    return *this;
  }

  // A Huffman code of `count` bits, highest first.
  BitWriter& code(uint32_t value, uint32_t count) {
    for (uint32_t i = count; i-- > 0;) {
      bit(value >> i & 1);
    }
    return *this;
  }

  // The canonical code of `symbol` among codes of these lengths.
  BitWriter& symbol(uint32_t symbol, const Lengths& lengths) {
    uint32_t value = 0;
    for (uint32_t length = 1; length <= 15; ++length, value <<= 1) {
      for (uint32_t i = 0; i < lengths.size(); ++i) {
        if (lengths[i] == length && i == symbol) {
          return code(value, length);
        }
        value += lengths[i] == length;
      }
    }
    return *this;
  }

  // Zeros up to the next byte.
  BitWriter& align() { return bits(0, (8 - used_) % 8); }

  const std::string& bytes() const { return bytes_; }

 private:
  void bit(uint32_t value) {
    if (used_ % 8 == 0) {
      bytes_ += '\0';
      used_ = 0;
    }
    bytes_.back() = static_cast<char>(static_cast<uint8_t>(bytes_.back()) | value << used_++);
  }

  std::string bytes_;
  uint32_t used_ = 8;  // bits of the last byte
};

// Lengths of the fixed codes.
inline Lengths fixed_lengths() {
  Lengths lengths(144, 8);
  lengths.resize(256, 9);
  lengths.resize(280, 7);
  lengths.resize(288, 8);
  return lengths;
}

inline Lengths fixed_distances() {
  return Lengths(32, 5);
}

// Lengths of `symbols` codes, those that occur given as {symbol, length} pairs.
inline Lengths some_lengths(size_t symbols,
                            std::initializer_list<std::pair<size_t, uint8_t>> used) {
  Lengths lengths(symbols, 0);
  for (const auto& [symbol, length] : used) {
    lengths[symbol] = length;
  }
  return lengths;
}

// A code of the code lengths in which all 19 symbols occur.
inline Lengths all_code_lengths() {
  Lengths lengths(13, 4);
  lengths.resize(19, 5);
  return lengths;
}

// The beginning of a final dynamic block up to the lengths of the code of the code lengths. The
// announced numbers of codes are those of RFC 1951: 257.. and 1..
inline BitWriter dynamic_start(uint32_t length_codes, uint32_t distance_codes,
                               const Lengths& code_lengths = all_code_lengths()) {
  BitWriter writer;
  writer.bits(1, 1).bits(2, 2);
  writer.bits(length_codes - 257, 5).bits(distance_codes - 1, 5).bits(19 - 4, 4);
  for (const int symbol : {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}) {
    writer.bits(code_lengths[symbol], 3);
  }
  return writer;
}

// A final dynamic block up to its first symbol.
inline BitWriter dynamic_block(const Lengths& lengths, const Lengths& distances) {
  BitWriter writer =
      dynamic_start(static_cast<uint32_t>(lengths.size()), static_cast<uint32_t>(distances.size()));
  for (const Lengths* all : {&lengths, &distances}) {
    for (const uint8_t length : *all) {
      writer.symbol(length, all_code_lengths());
    }
  }
  return writer;
}

// A final block with the fixed codes up to its first symbol.
inline BitWriter fixed_block() {
  return BitWriter().bits(1, 1).bits(1, 2);
}

// One of the stored kind, with all there is to it. `complement` is what the length is xored with.
inline std::string stored_block(const std::string& data, uint32_t complement = 0xFFFF,
                                bool last = true) {
  const auto size = static_cast<uint32_t>(data.size());
  BitWriter writer;
  writer.bits(last, 1).bits(0, 2).align().bits(size, 16).bits(size ^ complement, 16);
  return writer.bytes() + data;
}

inline std::string word(uint32_t value) {
  return BitWriter().bits(value, 32).bytes();
}

// The ten bytes members begin with.
inline std::string gzip_header(uint8_t flags = 0) {
  return std::string("\x1f\x8b\x08", 3) + static_cast<char>(flags) +
         std::string("\0\0\0\0\0\x03", 6);
}

// A member of the given blocks, which say `data`.
inline std::string gzip_member(const std::string& blocks, const std::string& data,
                               const std::string& header = gzip_header()) {
  const auto crc =
      ::crc32(0, reinterpret_cast<const Bytef*>(data.data()), static_cast<uInt>(data.size()));
  return header + blocks + word(static_cast<uint32_t>(crc)) +
         word(static_cast<uint32_t>(data.size()));
}

}  // namespace flashstore::test
