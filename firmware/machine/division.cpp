#include "machine/division.h"

#include <bit>
#include <type_traits>

namespace flashstore::machine {
namespace {

// Divides bit by bit, leaving the rest in `dividend`.
template <typename Word>
Word divide(Word& dividend, Word divisor) {
  if (dividend < divisor) {
    return 0;
  }
  Word quotient = 0;
  for (int shift = std::countl_zero(divisor) - std::countl_zero(dividend); shift >= 0; shift--) {
    const Word part = divisor << shift;
    quotient <<= 1;
    if (dividend >= part) {
      dividend -= part;
      quotient |= 1;
    }
  }
  return quotient;
}

template <typename Word>
Word rest(Word dividend, Word divisor) {
  divide(dividend, divisor);
  return dividend;
}

template <typename Signed>
auto magnitude(Signed value) {
  const auto bits = static_cast<std::make_unsigned_t<Signed>>(value);
  return value < 0 ? 0 - bits : bits;
}

template <typename Word>
auto with_sign(bool negative, Word magnitude) {
  return static_cast<std::make_signed_t<Word>>(negative ? 0 - magnitude : magnitude);
}

}  // namespace
}  // namespace flashstore::machine

using namespace flashstore::machine;

uint32_t MACHINE_HELPER(__udivsi3)(uint32_t dividend, uint32_t divisor) {
  return divide(dividend, divisor);
}

uint32_t MACHINE_HELPER(__umodsi3)(uint32_t dividend, uint32_t divisor) {
  return rest(dividend, divisor);
}

int32_t MACHINE_HELPER(__divsi3)(int32_t dividend, int32_t divisor) {
  return with_sign((dividend ^ divisor) < 0,
                   MACHINE_HELPER(__udivsi3)(magnitude(dividend), magnitude(divisor)));
}

int32_t MACHINE_HELPER(__modsi3)(int32_t dividend, int32_t divisor) {
  return with_sign(dividend < 0,
                   MACHINE_HELPER(__umodsi3)(magnitude(dividend), magnitude(divisor)));
}

uint64_t MACHINE_HELPER(__udivdi3)(uint64_t dividend, uint64_t divisor) {
  return divide(dividend, divisor);
}

uint64_t MACHINE_HELPER(__umoddi3)(uint64_t dividend, uint64_t divisor) {
  return rest(dividend, divisor);
}

int64_t MACHINE_HELPER(__divdi3)(int64_t dividend, int64_t divisor) {
  return with_sign((dividend ^ divisor) < 0,
                   MACHINE_HELPER(__udivdi3)(magnitude(dividend), magnitude(divisor)));
}

int64_t MACHINE_HELPER(__moddi3)(int64_t dividend, int64_t divisor) {
  return with_sign(dividend < 0,
                   MACHINE_HELPER(__umoddi3)(magnitude(dividend), magnitude(divisor)));
}

uint64_t MACHINE_HELPER(__umulsidi3)(uint32_t a, uint32_t b) {
  const uint32_t a_low = a & 0xFFFF;
  const uint32_t a_high = a >> 16;
  const uint32_t b_low = b & 0xFFFF;
  const uint32_t b_high = b >> 16;
  const uint32_t low = a_low * b_low;
  const uint32_t middle = a_high * b_low + (low >> 16);
  const uint32_t other_middle = a_low * b_high + (middle & 0xFFFF);
  const uint32_t high = a_high * b_high + (middle >> 16) + (other_middle >> 16);
  return uint64_t{high} << 32 | (other_middle << 16 | (low & 0xFFFF));
}

int64_t MACHINE_HELPER(__muldi3)(int64_t a, int64_t b) {
  const uint64_t x = static_cast<uint64_t>(a);
  const uint64_t y = static_cast<uint64_t>(b);
  const uint32_t x_low = static_cast<uint32_t>(x);
  const uint32_t y_low = static_cast<uint32_t>(y);
  const uint32_t crossed =
      static_cast<uint32_t>(x >> 32) * y_low + x_low * static_cast<uint32_t>(y >> 32);
  return static_cast<int64_t>(MACHINE_HELPER(__umulsidi3)(x_low, y_low) +
                              (uint64_t{crossed} << 32));
}
