// A binary floating-point number in decimal, exactly: all digits it has.
#pragma once

#include <array>
#include <cstdint>

namespace flashstore::machine {

class Decimal {
 public:
  // significand * 2^exponent. The significand has at most 54 bits, and what it makes is less than
  // 2^1025 and a multiple of 2^-1075: doubles, and what lies halfway between two of them.
  Decimal(uint64_t significand, int exponent);

  // The power of ten of the first digit that is not 0; 0 for zero.
  int leading_power() const;
  // The digit that stands for so many 10^power; may lie anywhere, before and behind those there
  // are.
  uint32_t digit(int power) const;
  // The lowest power of ten with a digit that may not be 0.
  int lowest_power() const { return (units_ - last_) * kLimbDigits; }

  // Leaves no digits below 10^power: to the nearest, ties to an even digit.
  void round(int power);

 private:
  static constexpr uint32_t kLimb = 1000000000;
  static constexpr int kLimbDigits = 9;

  // Where the digit of 10^power is: index of the limb, and digits behind it there.
  struct Place {
    int limb;
    int digits;
  };
  Place place(int power) const;
  void shift_left(int bits);
  void shift_right(int bits);
  // Of what lies behind a place: -1 less than half of its unit, 0 just that, 1 more.
  int compare_rest_with_half(int limb, uint32_t unit) const;

  // Nine digits each, the highest first; those before first_ are 0, those behind last_ too.
  std::array<uint32_t, 124> limbs_{};
  int units_;  // index of the limb that counts ones
  int first_;
  int last_;
};

}  // namespace flashstore::machine
