#include "machine/division.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <vector>

#include "samples.h"

namespace flashstore::test {
namespace {

template <typename Word>
std::vector<Word> operands(uint64_t seed) {
  std::vector<Word> words = {0,
                             1,
                             2,
                             3,
                             7,
                             10,
                             0xFFFF,
                             0x10000,
                             std::numeric_limits<Word>::max(),
                             std::numeric_limits<Word>::min(),
                             static_cast<Word>(-1),
                             static_cast<Word>(-7)};
  std::mt19937_64 random(seed);
  for (size_t i = 0; i < sample_count(400); i++) {
    words.push_back(static_cast<Word>(random() >> random() % 64));
  }
  return words;
}

// Divisions that C leaves open are left out.
template <typename Word>
bool is_open(Word a, Word b) {
  return b == 0 || (std::numeric_limits<Word>::is_signed && b == static_cast<Word>(-1) &&
                    a == std::numeric_limits<Word>::min());
}

template <typename Word>
void compare(Word (*divide)(Word, Word), Word (*rest)(Word, Word)) {
  for (const Word a : operands<Word>(1)) {
    for (const Word b : operands<Word>(2)) {
      if (is_open(a, b)) {
        continue;
      }
      ASSERT_EQ(divide(a, b), a / b) << a << " / " << b;
      ASSERT_EQ(rest(a, b), a % b) << a << " % " << b;
    }
  }
}

TEST(Division, DividesAsTheHostDoes) {
  compare(machine___udivsi3, machine___umodsi3);
  compare(machine___divsi3, machine___modsi3);
  compare(machine___udivdi3, machine___umoddi3);
  compare(machine___divdi3, machine___moddi3);
}

TEST(Division, MultipliesAsTheHostDoes) {
  for (const uint64_t a : operands<uint64_t>(3)) {
    for (const uint64_t b : operands<uint64_t>(4)) {
      ASSERT_EQ(
          static_cast<uint64_t>(machine___muldi3(static_cast<int64_t>(a), static_cast<int64_t>(b))),
          a * b);
      const auto x = static_cast<uint32_t>(a);
      const auto y = static_cast<uint32_t>(b);
      ASSERT_EQ(machine___umulsidi3(x, y), uint64_t{x} * y);
    }
  }
}

}  // namespace
}  // namespace flashstore::test
