// Numbers to try: some that are known to be hard, and as many pseudo-random ones as there is time
// for.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <random>

namespace flashstore::test {

inline size_t sample_count(size_t usual) {
  return std::getenv("FLASHSTORE_DEEP") != nullptr ? usual * 20 : usual;
}

inline constexpr std::array<uint64_t, 42> kHardDoubles = {
    0x0000000000000000, 0x8000000000000000,  // zeros
    0x0000000000000001, 0x8000000000000001,  // the smallest
    0x000FFFFFFFFFFFFF, 0x800FFFFFFFFFFFFF,  // the largest subnormal
    0x0010000000000000, 0x8010000000000000,  // the smallest normal
    0x0010000000000001, 0x001FFFFFFFFFFFFF,
    0x3FF0000000000000, 0xBFF0000000000000,  // one
    0x3FF0000000000001, 0x3FEFFFFFFFFFFFFF,  // its neighbours
    0x4000000000000000, 0x3FE0000000000000,  // two, a half
    0x4008000000000000, 0x3FD5555555555555,  // three, a third
    0x3CA0000000000000, 0x3CB0000000000000,  // half of one's last bit, and that
    0x3C90000000000000, 0x3CA0000000000001,
    0x4330000000000000, 0x4340000000000000,  // 2^52, 2^53
    0x433FFFFFFFFFFFFF, 0x4340000000000001,
    0x41DFFFFFFFC00000, 0x41E0000000000000,  // INT32_MAX, 2^31
    0xC1E0000000000000, 0xC1E0000000200000,  // INT32_MIN, less
    0x41EFFFFFFFE00000, 0x41F0000000000000,  // UINT32_MAX, 2^32
    0x7FEFFFFFFFFFFFFF, 0xFFEFFFFFFFFFFFFF,  // the largest
    0x7FE0000000000000, 0x7FD0000000000000,
    0x7FF0000000000000, 0xFFF0000000000000,  // infinities
    0x7FF8000000000000, 0xFFF8000000000000,  // not-a-number, quiet
    0x7FF0000000000001, 0xFFF4000000000123,  // and signalling
};

// Doubles with all exponents alike, and many bits that are 0 or 1 in a row.
class Doubles {
 public:
  explicit Doubles(uint64_t seed) : random_(seed) {}

  double next() {
    const uint64_t bits = random_();
    switch (random_() % 4) {
      case 0:
        return std::bit_cast<double>(bits);
      case 1:  // few bits behind the first
        return std::bit_cast<double>(bits & ~uint64_t{0} << (random_() % 53));
      case 2:  // many
        return std::bit_cast<double>(bits | ((uint64_t{1} << (random_() % 53)) - 1));
      default:  // near one: sums and differences meet
        return std::bit_cast<double>((bits & 0x803FFFFFFFFFFFFF) | 0x3FC0000000000000);
    }
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace flashstore::test
