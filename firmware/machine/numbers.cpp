#include "machine/numbers.h"

#include <bit>
#include <climits>
#include <cstdint>
#include <limits>

#include "machine/decimal.h"

namespace flashstore::machine {
namespace {

constexpr uint64_t kInfinity = uint64_t{0x7FF} << 52;
constexpr uint64_t kSign = uint64_t{1} << 63;
constexpr int kFractionBits = 52;
constexpr int kBias = 1023;

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

// The value of a digit of any base; 36: it is none.
uint32_t digit_value(char c) {
  if (c >= '0' && c <= '9') {
    return static_cast<uint32_t>(c - '0');
  }
  const char small = static_cast<char>(c | 0x20);
  return small >= 'a' && small <= 'z' ? static_cast<uint32_t>(small - 'a') + 10 : 36;
}

// Steps over `word`, in small letters, written in any.
bool skip_word(const char*& text, const char* word) {
  const char* at = text;
  for (; *word != '\0'; word++, at++) {
    if ((*at | 0x20) != *word) {
      return false;
    }
  }
  text = at;
  return true;
}

// The digits of a number in text, and where it ends.
struct Digits {
  const char* first = nullptr;  // that is not 0; a point may lie among them
  const char* end = nullptr;    // behind the last digit or the point
  int power = 0;                // of the base, of the first
  bool any = false;             // zeros count, too
};

Digits scan_digits(const char* text, uint32_t base) {
  Digits digits;
  bool behind_point = false;
  for (;; text++) {
    if (*text == '.' && !behind_point) {
      behind_point = true;
      digits.end = text + 1;
      continue;
    }
    if (digit_value(*text) >= base) {
      break;
    }
    digits.any = true;
    digits.end = text + 1;
    if (digits.first == nullptr && *text != '0') {
      digits.first = text;
      digits.power = behind_point ? digits.power - 1 : 0;
    } else if (digits.first == nullptr && behind_point) {
      digits.power--;
    } else if (digits.first != nullptr && !behind_point) {
      digits.power++;
    }
  }
  return digits;
}

// Steps over an exponent, if there is a whole one, and returns it.
int skip_exponent(const char*& text, char mark) {
  constexpr int kMost = 1000000;  // more than any number of digits makes up for
  const char* at = text;
  if ((*at | 0x20) != mark) {
    return 0;
  }
  at++;
  const bool is_negative = *at == '-';
  if (*at == '-' || *at == '+') {
    at++;
  }
  if (digit_value(*at) >= 10) {
    return 0;
  }
  int exponent = 0;
  for (; digit_value(*at) < 10; at++) {
    if (exponent < kMost) {
      exponent = exponent * 10 + static_cast<int>(digit_value(*at));
    }
  }
  text = at;
  return is_negative ? -exponent : exponent;
}

// Of numbers at least 0, the bits of the next larger and smaller double.
uint64_t bits_of(double value) {
  return std::bit_cast<uint64_t>(value);
}

// What lies halfway between the double with these bits and the next larger one.
Decimal halfway_above(uint64_t bits) {
  const int exponent = static_cast<int>(bits >> kFractionBits);
  const uint64_t fraction = bits & ((uint64_t{1} << kFractionBits) - 1);
  const uint64_t significand = exponent == 0 ? fraction : fraction | uint64_t{1} << kFractionBits;
  const int power = (exponent == 0 ? 1 : exponent) - kBias - kFractionBits;
  return {significand * 2 + 1, power - 1};
}

// Compares the digits, of which the first stands for 10^power, with a number that is not zero:
// below 0 if they are less, above if more.
int compare(const Digits& digits, int power, const Decimal& with) {
  const int leading = with.leading_power();
  if (power != leading) {
    return power < leading ? -1 : 1;
  }
  const char* at = digits.first;
  for (;; power--) {
    if (at < digits.end && *at == '.') {
      at++;
    }
    if (at >= digits.end && power < with.lowest_power()) {
      return 0;
    }
    const int mine = at < digits.end ? *at++ - '0' : 0;
    const int other = static_cast<int>(with.digit(power));
    if (mine != other) {
      return mine - other;
    }
  }
}

double power_of_ten(int power) {
  double value = 1;
  double factor = 10;
  for (; power != 0; power >>= 1) {
    if ((power & 1) != 0) {
      value *= factor;
    }
    factor *= factor;
  }
  return value;
}

double scale(double value, int power) {
  constexpr int kMost = 256;  // its power of ten is a double, as is its inverse
  for (; power > kMost; power -= kMost) {
    value *= power_of_ten(kMost);
  }
  for (; power < -kMost; power += kMost) {
    value /= power_of_ten(kMost);
  }
  return power < 0 ? value / power_of_ten(-power) : value * power_of_ten(power);
}

// The nearest double to what the digits say, the first of which stands for 10^power.
double nearest(const Digits& digits, int power) {
  constexpr int kMostPower = 309;
  constexpr int kLeastPower = -325;
  if (power > kMostPower) {
    return std::numeric_limits<double>::infinity();
  }
  if (power < kLeastPower) {
    return 0;
  }
  constexpr int kDigits = 15;  // are a double, whatever they are
  double value = 0;
  int rest = 0;  // digits that were not taken
  int taken = 0;
  uint32_t low = 0;
  uint32_t low_factor = 1;
  for (const char* at = digits.first; at < digits.end; at++) {
    if (*at == '.') {
      continue;
    }
    if (taken == kDigits) {
      rest++;
      continue;
    }
    taken++;
    low = low * 10 + digit_value(*at);
    low_factor *= 10;
    if (low_factor == 100000000) {
      value = value * low_factor + low;
      low = 0;
      low_factor = 1;
    }
  }
  value = value * low_factor + low;
  constexpr int kExactPower = 22;  // 5^22 has less than 53 bits
  const int scaled = power - taken + 1;
  value = scale(value, scaled);
  if (rest == 0 && scaled >= -kExactPower && scaled <= kExactPower) {
    return value;  // rounded once
  }
  // That was near. Its neighbours are the doubles whose bits are one more or less.
  uint64_t bits = bits_of(value) > kInfinity ? kInfinity : bits_of(value);
  for (;;) {
    if (bits < kInfinity) {
      const int above = compare(digits, power, halfway_above(bits));
      if (above > 0 || (above == 0 && (bits & 1) != 0)) {
        bits++;
        continue;
      }
    }
    if (bits > 0) {
      const int below = compare(digits, power, halfway_above(bits - 1));
      if (below < 0 || (below == 0 && (bits & 1) != 0)) {
        bits--;
        continue;
      }
    }
    return std::bit_cast<double>(bits);
  }
}

// A number in base 16, of which all bits but those lost are taken, and 2^exponent.
double nearest_binary(const Digits& digits, int exponent) {
  constexpr uint64_t kFull = uint64_t{1} << 58;
  uint64_t significand = 0;
  bool is_lost = false;
  exponent += 4 * (digits.power + 1);
  for (const char* at = digits.first; at < digits.end; at++) {
    if (*at == '.') {
      continue;
    }
    const uint32_t digit = digit_value(*at);
    if (significand < kFull) {
      significand = significand << 4 | digit;
      exponent -= 4;
    } else {
      is_lost = is_lost || digit != 0;
    }
  }
  if (is_lost) {
    significand |= 1;
  }
  // Rounded where a double of this size has its last bit.
  const int bits = 64 - std::countl_zero(significand);
  constexpr int kLeast = 1 - kBias - kFractionBits;
  int drop = bits - (kFractionBits + 1);
  if (exponent + drop < kLeast) {
    drop = kLeast - exponent;
  }
  if (drop > 63) {
    return 0;
  }
  if (drop > 0) {
    const uint64_t half = uint64_t{1} << (drop - 1);
    const uint64_t lost = significand & (2 * half - 1);
    significand >>= drop;
    exponent += drop;
    if (lost > half || (lost == half && (significand & 1) != 0)) {
      significand++;
    }
  }
  double value = static_cast<double>(static_cast<uint32_t>(significand >> 32)) * 4294967296.0 +
                 static_cast<double>(static_cast<uint32_t>(significand));
  constexpr int kMostScaled = 1100;
  for (int i = 0; i < kMostScaled && exponent > 0; i++, exponent--) {
    value *= 2;
  }
  for (int i = 0; i < kMostScaled && exponent < 0; i++, exponent++) {
    value /= 2;
  }
  return value;
}

// Infinity and not-a-number in words; steps over them.
bool skip_special(const char*& text, double& value) {
  if (skip_word(text, "inf")) {
    skip_word(text, "inity");
    value = std::numeric_limits<double>::infinity();
    return true;
  }
  if (skip_word(text, "nan")) {
    value = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  return false;
}

// Without its sign; steps over it. False: there is none.
bool skip_number(const char*& text, double& value) {
  if (skip_special(text, value)) {
    return true;
  }
  if (text[0] == '0' && (text[1] | 0x20) == 'x') {
    if (const Digits digits = scan_digits(text + 2, 16); digits.any) {
      text = digits.end;
      const int exponent = skip_exponent(text, 'p');
      value = digits.first == nullptr ? 0 : nearest_binary(digits, exponent);
      return true;
    }
  }
  const Digits digits = scan_digits(text, 10);
  if (!digits.any) {
    return false;
  }
  text = digits.end;
  const int exponent = skip_exponent(text, 'e');
  value = digits.first == nullptr ? 0 : nearest(digits, digits.power + exponent);
  return true;
}

// An integer in text: its digits, and where it ends, which is where the text begins if it is none.
struct Integer {
  const char* first = nullptr;
  const char* end = nullptr;
  uint32_t radix = 10;
  bool is_negative = false;
};

Integer scan_integer(const char* text, int base) {
  Integer integer;
  const char* at = text;
  while (is_space(*at)) {
    at++;
  }
  integer.is_negative = *at == '-';
  if (*at == '-' || *at == '+') {
    at++;
  }
  const bool has_prefix = at[0] == '0' && (at[1] | 0x20) == 'x' && digit_value(at[2]) < 16;
  if (has_prefix && (base == 0 || base == 16)) {
    at += 2;
    base = 16;
  } else if (base == 0) {
    base = *at == '0' ? 8 : 10;
  }
  integer.radix = static_cast<uint32_t>(base);
  integer.first = at;
  while (digit_value(*at) < integer.radix) {
    at++;
  }
  integer.end = at == integer.first ? text : at;
  return integer;
}

// The value without its sign. False: it is larger than `most`.
template <typename Unsigned>
bool reckon(const Integer& integer, Unsigned most, Unsigned& value) {
  for (const char* at = integer.first; at < integer.end; at++) {
    const uint32_t digit = digit_value(*at);
    if (value > (most - digit) / integer.radix) {
      return false;
    }
    value = value * integer.radix + digit;
  }
  return true;
}

void set_end(char** end, const char* to) {
  if (end != nullptr) {
    *end = const_cast<char*>(to);
  }
}

}  // namespace
}  // namespace flashstore::machine

using namespace flashstore::machine;

double MACHINE_HELPER(strtod)(const char* text, char** end) {
  const char* at = text;
  while (is_space(*at)) {
    at++;
  }
  const bool is_negative = *at == '-';
  if (*at == '-' || *at == '+') {
    at++;
  }
  double value = 0;
  if (!skip_number(at, value)) {
    set_end(end, text);
    return 0;
  }
  set_end(end, at);
  return is_negative ? std::bit_cast<double>(bits_of(value) | kSign) : value;
}

unsigned long MACHINE_HELPER(strtoul)(const char* text, char** end, int base) {
  const Integer integer = scan_integer(text, base);
  set_end(end, integer.end);
  unsigned long value = 0;
  if (!reckon(integer, ULONG_MAX, value)) {
    return ULONG_MAX;
  }
  return integer.is_negative ? 0 - value : value;
}

long long MACHINE_HELPER(strtoll)(const char* text, char** end, int base) {
  const Integer integer = scan_integer(text, base);
  set_end(end, integer.end);
  const unsigned long long most = LLONG_MAX + (integer.is_negative ? 1ULL : 0ULL);
  unsigned long long value = 0;
  if (!reckon(integer, most, value)) {
    value = most;
  }
  return static_cast<long long>(integer.is_negative ? 0 - value : value);
}
