#include "partition/md5.h"

#include <algorithm>
#include <bit>

#include "core/bytes.h"

namespace flashstore::partition {
namespace {

constexpr uint32_t kBlockBytes = 64;
constexpr uint32_t kLengthOffset = 56;  // in the last block, in bits

// The integer parts of 2^32 * |sin(i + 1)|.
constexpr std::array<uint32_t, 64> kSines = {
    0xD76AA478, 0xE8C7B756, 0x242070DB, 0xC1BDCEEE, 0xF57C0FAF, 0x4787C62A, 0xA8304613, 0xFD469501,
    0x698098D8, 0x8B44F7AF, 0xFFFF5BB1, 0x895CD7BE, 0x6B901122, 0xFD987193, 0xA679438E, 0x49B40821,
    0xF61E2562, 0xC040B340, 0x265E5A51, 0xE9B6C7AA, 0xD62F105D, 0x02441453, 0xD8A1E681, 0xE7D3FBC8,
    0x21E1CDE6, 0xC33707D6, 0xF4D50D87, 0x455A14ED, 0xA9E3E905, 0xFCEFA3F8, 0x676F02D9, 0x8D2A4C8A,
    0xFFFA3942, 0x8771F681, 0x6D9D6122, 0xFDE5380C, 0xA4BEEA44, 0x4BDECFA9, 0xF6BB4B60, 0xBEBFBC70,
    0x289B7EC6, 0xEAA127FA, 0xD4EF3085, 0x04881D05, 0xD9D4D039, 0xE6DB99E5, 0x1FA27CF8, 0xC4AC5665,
    0xF4292244, 0x432AFF97, 0xAB9423A7, 0xFC93A039, 0x655B59C3, 0x8F0CCC92, 0xFFEFF47D, 0x85845DD1,
    0x6FA87E4F, 0xFE2CE6E0, 0xA3014314, 0x4E0811A1, 0xF7537E82, 0xBD3AF235, 0x2AD7D2BB, 0xEB86D391};
// How far each of four steps rotates, by round.
constexpr std::array<uint8_t, 16> kRotations = {7, 12, 17, 22, 5, 9,  14, 20,
                                                4, 11, 16, 23, 6, 10, 15, 21};

using State = std::array<uint32_t, 4>;

void add_block(State& state, std::span<const uint8_t> block) {
  auto [a, b, c, d] = state;
  for (uint32_t i = 0; i < kBlockBytes; ++i) {
    uint32_t mixed = 0;
    uint32_t word = 0;
    switch (i / 16) {
      case 0:
        mixed = (b & c) | (~b & d);
        word = i;
        break;
      case 1:
        mixed = (d & b) | (~d & c);
        word = 5 * i + 1;
        break;
      case 2:
        mixed = b ^ c ^ d;
        word = 3 * i + 5;
        break;
      default:
        mixed = c ^ (b | ~d);
        word = 7 * i;
    }
    const uint32_t sum = a + mixed + kSines[i] + core::load_word(block, word % 16 * 4);
    a = d;
    d = c;
    c = b;
    b += std::rotl(sum, kRotations[i / 16 * 4 + i % 4]);
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}

}  // namespace

std::array<uint8_t, 16> md5(std::span<const uint8_t> bytes) {
  State state = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476};
  const auto bits = static_cast<uint32_t>(bytes.size() * 8);
  while (bytes.size() >= kBlockBytes) {
    add_block(state, bytes.first(kBlockBytes));
    bytes = bytes.subspan(kBlockBytes);
  }
  std::array<uint8_t, kBlockBytes> last{};
  std::copy(bytes.begin(), bytes.end(), last.begin());
  last[bytes.size()] = 0x80;
  if (bytes.size() >= kLengthOffset) {
    add_block(state, last);
    last.fill(0);
  }
  core::store_word(last, kLengthOffset, bits);
  add_block(state, last);
  std::array<uint8_t, 16> digest;
  for (uint32_t i = 0; i < state.size(); ++i) {
    core::store_word(digest, i * 4, state[i]);
  }
  return digest;
}

}  // namespace flashstore::partition
