#include "machine/soft_float.h"

#include <bit>
#include <utility>

namespace flashstore::machine {
namespace {

// While it is computed with, the leading 1 of a significand is bit 62, with ten bits behind the
// last that a double keeps. Bit 0 is set if anything was lost behind it.
constexpr int kLeadingBit = 62;
constexpr int kFractionBits = 52;
constexpr int kGuardBits = kLeadingBit - kFractionBits;
constexpr uint64_t kLeadingOne = uint64_t{1} << kLeadingBit;

constexpr uint64_t kSign = uint64_t{1} << 63;
constexpr uint64_t kImplicitOne = uint64_t{1} << kFractionBits;
constexpr uint64_t kFraction = kImplicitOne - 1;
constexpr uint64_t kInfinity = uint64_t{0x7FF} << kFractionBits;
constexpr uint64_t kQuiet = kImplicitOne >> 1;
constexpr uint64_t kInvalid = kSign | kInfinity | kQuiet;
constexpr int kBias = 1023;
constexpr int kSpecialExponent = 0x7FF;

uint64_t magnitude(uint64_t bits) {
  return bits & ~kSign;
}

bool is_nan(uint64_t bits) {
  return magnitude(bits) > kInfinity;
}

// One of the operands of an operation is not a number.
uint64_t pick_nan(uint64_t a, uint64_t b) {
  return (is_nan(a) ? a : b) | kQuiet;
}

uint64_t shift_right_keeping_loss(uint64_t value, int count) {
  if (count > 63) {
    return value != 0 ? 1 : 0;
  }
  const uint64_t shifted = value >> count;
  return (shifted << count) != value ? shifted | 1 : shifted;
}

// A number that is finite. Subnormal ones have exponent 1 and no leading 1, zero too.
struct Number {
  int exponent;  // biased
  uint64_t significand;
};

Number unpack(uint64_t bits) {
  const int exponent = static_cast<int>(magnitude(bits) >> kFractionBits);
  const uint64_t fraction = (bits & kFraction) << kGuardBits;
  return exponent == 0 ? Number{1, fraction} : Number{exponent, fraction | kLeadingOne};
}

// The same number with a leading 1; its exponent may be below 1. It is not zero.
Number normalized(Number number) {
  const int shift = std::countl_zero(number.significand) - (63 - kLeadingBit);
  return {number.exponent - shift, number.significand << shift};
}

// Rounds; numbers with an exponent below 1 become subnormal.
uint64_t pack(uint64_t sign, Number number) {
  if (number.exponent >= kSpecialExponent) {
    return sign | kInfinity;
  }
  if (number.exponent < 1) {
    number = {1, shift_right_keeping_loss(number.significand, 1 - number.exponent)};
  }
  constexpr uint64_t kHalf = uint64_t{1} << (kGuardBits - 1);
  constexpr uint64_t kGuards = (uint64_t{1} << kGuardBits) - 1;
  const bool is_tie = (number.significand & kGuards) == kHalf;
  uint64_t rounded = (number.significand + kHalf) >> kGuardBits;
  if (is_tie) {
    rounded &= ~uint64_t{1};
  }
  // A leading 1, and one that rounding brought about, count the exponent up.
  return sign | ((static_cast<uint64_t>(number.exponent - 1) << kFractionBits) + rounded);
}

uint64_t add(uint64_t a, uint64_t b) {
  if (is_nan(a) || is_nan(b)) {
    return pick_nan(a, b);
  }
  if (magnitude(a) < magnitude(b)) {
    std::swap(a, b);
  }
  const uint64_t sign = a & kSign;
  const bool same_sign = ((a ^ b) & kSign) == 0;
  if (magnitude(a) == kInfinity) {
    return same_sign || magnitude(b) != kInfinity ? a : kInvalid;
  }
  Number sum = unpack(a);
  const Number smaller = unpack(b);
  const uint64_t term =
      shift_right_keeping_loss(smaller.significand, sum.exponent - smaller.exponent);
  if (same_sign) {
    sum.significand += term;
    if (sum.significand >> 63 != 0) {
      sum = {sum.exponent + 1, shift_right_keeping_loss(sum.significand, 1)};
    }
    return pack(sign, sum);
  }
  sum.significand -= term;
  return sum.significand == 0 ? 0 : pack(sign, normalized(sum));
}

// The upper half of the product; bit 0 tells whether there is anything in the lower half, too.
uint64_t multiply_high(uint64_t a, uint64_t b) {
  const uint32_t a_low = static_cast<uint32_t>(a);
  const uint32_t a_high = static_cast<uint32_t>(a >> 32);
  const uint32_t b_low = static_cast<uint32_t>(b);
  const uint32_t b_high = static_cast<uint32_t>(b >> 32);
  const uint64_t low = uint64_t{a_low} * b_low;
  const uint64_t middle = uint64_t{a_high} * b_low + (low >> 32);
  const uint64_t other_middle = uint64_t{a_low} * b_high + static_cast<uint32_t>(middle);
  const uint64_t high = uint64_t{a_high} * b_high + (middle >> 32) + (other_middle >> 32);
  const bool lost = (static_cast<uint32_t>(other_middle) | static_cast<uint32_t>(low)) != 0;
  return lost ? high | 1 : high;
}

uint64_t multiply(uint64_t a, uint64_t b) {
  if (is_nan(a) || is_nan(b)) {
    return pick_nan(a, b);
  }
  const uint64_t sign = (a ^ b) & kSign;
  if (magnitude(a) < magnitude(b)) {
    std::swap(a, b);
  }
  if (magnitude(a) == kInfinity) {
    return magnitude(b) == 0 ? kInvalid : sign | kInfinity;
  }
  if (magnitude(b) == 0) {
    return sign;
  }
  const Number x = normalized(unpack(a));
  const Number y = normalized(unpack(b));
  // Leading bits 62 and 63 give 61 or 62 in the upper half.
  Number product{x.exponent + y.exponent - kBias + 1,
                 multiply_high(x.significand, y.significand << 1)};
  return pack(sign, normalized(product));
}

uint64_t divide(uint64_t a, uint64_t b) {
  if (is_nan(a) || is_nan(b)) {
    return pick_nan(a, b);
  }
  const uint64_t sign = (a ^ b) & kSign;
  if (magnitude(a) == kInfinity) {
    return magnitude(b) == kInfinity ? kInvalid : sign | kInfinity;
  }
  if (magnitude(b) == kInfinity) {
    return sign;
  }
  if (magnitude(b) == 0) {
    return magnitude(a) == 0 ? kInvalid : sign | kInfinity;
  }
  if (magnitude(a) == 0) {
    return sign;
  }
  const Number x = normalized(unpack(a));
  const Number y = normalized(unpack(b));
  uint64_t rest = x.significand;
  uint64_t quotient = 0;
  // One bit more than a double keeps even if the first is 0; what is left is told by the last.
  constexpr int kBits = kFractionBits + 3;
  for (int i = 0; i < kBits; i++) {
    quotient <<= 1;
    if (rest >= y.significand) {
      rest -= y.significand;
      quotient |= 1;
    }
    rest <<= 1;
  }
  constexpr int kShift = kLeadingBit + 1 - kBits;
  quotient <<= kShift;
  if (rest != 0) {
    quotient |= 1;
  }
  return pack(sign, normalized({x.exponent - y.exponent + kBias, quotient}));
}

uint64_t from_unsigned(uint64_t sign, uint32_t value) {
  return value == 0 ? 0 : pack(sign, normalized({kBias + kLeadingBit, value}));
}

// The value without its sign, truncated; `limit` if that is 2^64 or more, or not a number.
uint64_t truncate(uint64_t bits, uint64_t limit) {
  const int exponent = static_cast<int>(magnitude(bits) >> kFractionBits) - kBias;
  if (exponent < 0) {
    return 0;
  }
  if (exponent > 63) {
    return limit;
  }
  const uint64_t significand = (bits & kFraction) | kImplicitOne;
  return exponent <= kFractionBits ? significand >> (kFractionBits - exponent)
                                   : significand << (exponent - kFractionBits);
}

// --- float, by way of double: that has more than twice its bits, so that rounding twice is
// rounding once ---

constexpr uint32_t kFloatFractionBits = 23;
constexpr uint32_t kFloatInfinity = 0xFFu << kFloatFractionBits;
constexpr int kFloatBias = 127;
constexpr int kFractionShift = kFractionBits - static_cast<int>(kFloatFractionBits);

uint64_t widen(uint32_t bits) {
  const uint64_t sign = uint64_t{bits >> 31} << 63;
  const uint32_t rest = bits & 0x7FFFFFFF;
  const uint64_t fraction = uint64_t{rest} << kFractionShift;
  if (rest >= kFloatInfinity) {
    return sign | kInfinity | (fraction & kFraction) | (rest > kFloatInfinity ? kQuiet : 0);
  }
  if (rest >> kFloatFractionBits != 0) {
    return sign | (fraction + (uint64_t{kBias - kFloatBias} << kFractionBits));
  }
  if (rest == 0) {
    return sign;
  }
  return pack(sign, normalized({kBias - kFloatBias + 1, fraction << kGuardBits}));
}

uint32_t narrow(uint64_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits >> 63) << 31;
  const uint64_t rest = magnitude(bits);
  if (rest >= kInfinity) {
    const uint32_t fraction = static_cast<uint32_t>((rest & kFraction) >> kFractionShift);
    const uint32_t quiet = rest > kInfinity ? 1u << (kFloatFractionBits - 1) : 0;
    return sign | kFloatInfinity | fraction | quiet;
  }
  Number number = unpack(bits);
  number.exponent -= kBias - kFloatBias;
  if (number.exponent >= 0xFF) {
    return sign | kFloatInfinity;
  }
  if (number.exponent < 1) {
    number = {1, shift_right_keeping_loss(number.significand, 1 - number.exponent)};
  }
  constexpr int kGuards = kLeadingBit - static_cast<int>(kFloatFractionBits);
  constexpr uint64_t kHalf = uint64_t{1} << (kGuards - 1);
  const bool is_tie = (number.significand & ((kHalf << 1) - 1)) == kHalf;
  uint32_t rounded = static_cast<uint32_t>((number.significand + kHalf) >> kGuards);
  if (is_tie) {
    rounded &= ~1u;
  }
  return sign | ((static_cast<uint32_t>(number.exponent - 1) << kFloatFractionBits) + rounded);
}

uint64_t bits_of(double value) {
  return std::bit_cast<uint64_t>(value);
}

double number(uint64_t bits) {
  return std::bit_cast<double>(bits);
}

float float_number(uint32_t bits) {
  return std::bit_cast<float>(bits);
}

uint64_t wide_bits_of(float value) {
  return widen(std::bit_cast<uint32_t>(value));
}

uint32_t to_unsigned(uint64_t bits) {
  const uint32_t truncated = static_cast<uint32_t>(truncate(bits, 0));
  return (bits & kSign) != 0 ? 0 - truncated : truncated;
}

}  // namespace
}  // namespace flashstore::machine

using namespace flashstore::machine;

double MACHINE_HELPER(__adddf3)(double a, double b) {
  return number(add(bits_of(a), bits_of(b)));
}

double MACHINE_HELPER(__subdf3)(double a, double b) {
  const uint64_t subtrahend = bits_of(b);
  return number(add(bits_of(a), is_nan(subtrahend) ? subtrahend : subtrahend ^ kSign));
}

double MACHINE_HELPER(__muldf3)(double a, double b) {
  return number(multiply(bits_of(a), bits_of(b)));
}

double MACHINE_HELPER(__divdf3)(double a, double b) {
  return number(divide(bits_of(a), bits_of(b)));
}

float MACHINE_HELPER(__addsf3)(float a, float b) {
  return float_number(narrow(add(wide_bits_of(a), wide_bits_of(b))));
}

float MACHINE_HELPER(__subsf3)(float a, float b) {
  const uint64_t subtrahend = wide_bits_of(b);
  return float_number(
      narrow(add(wide_bits_of(a), is_nan(subtrahend) ? subtrahend : subtrahend ^ kSign)));
}

float MACHINE_HELPER(__mulsf3)(float a, float b) {
  return float_number(narrow(multiply(wide_bits_of(a), wide_bits_of(b))));
}

double MACHINE_HELPER(__extendsfdf2)(float value) {
  return number(wide_bits_of(value));
}

float MACHINE_HELPER(__truncdfsf2)(double value) {
  return float_number(narrow(bits_of(value)));
}

int32_t MACHINE_HELPER(__fixdfsi)(double value) {
  constexpr uint64_t kDoesNotFit = uint64_t{1} << 31;
  const uint64_t bits = bits_of(value);
  const uint64_t truncated = truncate(bits, kDoesNotFit);
  if (truncated >= kDoesNotFit) {
    return INT32_MIN;
  }
  const int32_t positive = static_cast<int32_t>(truncated);
  return (bits & kSign) != 0 ? -positive : positive;
}

uint32_t MACHINE_HELPER(__fixunsdfsi)(double value) {
  return to_unsigned(bits_of(value));
}

uint32_t MACHINE_HELPER(__fixunssfsi)(float value) {
  return to_unsigned(wide_bits_of(value));
}

double MACHINE_HELPER(__floatsidf)(int32_t value) {
  const uint32_t bits = static_cast<uint32_t>(value);
  return number(value < 0 ? from_unsigned(kSign, 0 - bits) : from_unsigned(0, bits));
}

double MACHINE_HELPER(__floatunsidf)(uint32_t value) {
  return number(from_unsigned(0, value));
}

float MACHINE_HELPER(__floatsisf)(int32_t value) {
  const uint32_t bits = static_cast<uint32_t>(value);
  return float_number(narrow(value < 0 ? from_unsigned(kSign, 0 - bits) : from_unsigned(0, bits)));
}

float MACHINE_HELPER(__floatunsisf)(uint32_t value) {
  return float_number(narrow(from_unsigned(0, value)));
}
