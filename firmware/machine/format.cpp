#include "machine/format.h"

#include <algorithm>
#include <bit>
#include <climits>
#include <cstdint>

#include "machine/decimal.h"

namespace flashstore::machine {
namespace {

// Where the text goes. Counts what does not fit, too.
class Output {
 public:
  Output(char* to, size_t bytes) : to_(to), room_(bytes) {}

  void put(char c) {
    if (count_ + 1 < room_) {
      to_[count_] = c;
    }
    count_++;
  }

  void put(char c, int times) {
    while (times-- > 0) {
      put(c);
    }
  }

  int finish() {
    if (room_ > 0) {
      to_[std::min(count_, room_ - 1)] = '\0';
    }
    return static_cast<int>(count_);
  }

 private:
  char* to_;
  size_t room_;
  size_t count_ = 0;
};

// One conversion of a format: %-5.3f
struct Conversion {
  bool left = false;
  bool plus = false;
  bool space = false;
  bool alternative = false;
  bool zeros = false;
  int width = 0;
  int precision = -1;  // not given
  char letter = '\0';
};

int read_number(const char*& format) {
  int number = 0;
  for (; *format >= '0' && *format <= '9'; format++) {
    number = number * 10 + (*format - '0');
  }
  return number;
}

void read_flags(const char*& format, Conversion& conversion) {
  for (;; format++) {
    switch (*format) {
      case '-':
        conversion.left = true;
        break;
      case '+':
        conversion.plus = true;
        break;
      case ' ':
        conversion.space = true;
        break;
      case '#':
        conversion.alternative = true;
        break;
      case '0':
        conversion.zeros = true;
        break;
      default:
        return;
    }
  }
}

// A text of so many characters, with what fills it up to the width.
class Field {
 public:
  Field(Output& output, const Conversion& conversion, int characters, const char* prefix = "")
      : output_(output), padding_(0), left_(conversion.left) {
    for (const char* at = prefix; *at != '\0'; at++) {
      characters++;
    }
    padding_ = std::max(conversion.width - characters, 0);
    if (!left_ && !conversion.zeros) {
      output_.put(' ', padding_);
    }
    while (*prefix != '\0') {
      output_.put(*prefix++);
    }
    if (!left_ && conversion.zeros) {
      output_.put('0', padding_);
    }
  }

  ~Field() {
    if (left_) {
      output_.put(' ', padding_);
    }
  }

  Field(const Field&) = delete;
  Field& operator=(const Field&) = delete;

 private:
  Output& output_;
  int padding_;
  bool left_;
};

const char* sign_of(const Conversion& conversion, bool is_negative) {
  if (is_negative) {
    return "-";
  }
  return conversion.plus ? "+" : conversion.space ? " " : "";
}

void put_text(Output& output, Conversion conversion, const char* text) {
  if (text == nullptr) {
    text = "(null)";
  }
  int length = 0;
  while ((conversion.precision < 0 || length < conversion.precision) && text[length] != '\0') {
    length++;
  }
  conversion.zeros = false;
  const Field field(output, conversion, length);
  for (int i = 0; i < length; i++) {
    output.put(text[i]);
  }
}

void put_digits(Output& output, Conversion conversion, uint32_t value, uint32_t base,
                const char* prefix) {
  char digits[11];  // octal
  const char letter = conversion.letter == 'X' ? 'A' : 'a';
  int count = 0;
  for (; value != 0; value /= base) {
    const auto digit = static_cast<char>(value % base);
    digits[count++] = static_cast<char>(digit < 10 ? '0' + digit : letter + digit - 10);
  }
  int zeros = std::max((conversion.precision < 0 ? 1 : conversion.precision) - count, 0);
  if (conversion.alternative && base == 8) {
    zeros = std::max(zeros, 1);
  }
  conversion.zeros = conversion.zeros && conversion.precision < 0;
  const Field field(output, conversion, zeros + count, prefix);
  output.put('0', zeros);
  while (count > 0) {
    output.put(digits[--count]);
  }
}

void put_unsigned(Output& output, const Conversion& conversion, uint32_t value) {
  switch (conversion.letter) {
    case 'o':
      return put_digits(output, conversion, value, 8, "");
    case 'x':
    case 'X':
      return put_digits(output, conversion, value, 16,
                        !conversion.alternative || value == 0 ? ""
                        : conversion.letter == 'x'            ? "0x"
                                                              : "0X");
    default:
      return put_digits(output, conversion, value, 10, "");
  }
}

void put_signed(Output& output, const Conversion& conversion, int32_t value) {
  const auto bits = static_cast<uint32_t>(value);
  put_digits(output, conversion, value < 0 ? 0 - bits : bits, 10, sign_of(conversion, value < 0));
}

// Digits from 10^from down to 10^to, with a point behind the ones if there are digits behind it.
void put_decimal(Output& output, const Decimal& number, int from, int to, int ones, bool point) {
  for (int power = from; power >= to; power--) {
    output.put(static_cast<char>('0' + number.digit(power)));
    if (power == ones && point) {
      output.put('.');
    }
  }
}

void put_fixed(Output& output, const Conversion& conversion, Decimal& number, const char* sign,
               int digits) {
  number.round(-digits);
  const int from = std::max(number.leading_power(), 0);
  const bool point = digits > 0 || conversion.alternative;
  const Field field(output, conversion, from + 1 + (point ? 1 : 0) + digits, sign);
  put_decimal(output, number, from, -digits, 0, point);
}

void put_scientific(Output& output, const Conversion& conversion, Decimal& number, const char* sign,
                    int digits, char letter) {
  number.round(number.leading_power() - digits);
  const int from = number.leading_power();
  const uint32_t exponent = static_cast<uint32_t>(from < 0 ? -from : from);
  const bool point = digits > 0 || conversion.alternative;
  const int characters = 1 + (point ? 1 : 0) + digits + (exponent < 100 ? 4 : 5);
  const Field field(output, conversion, characters, sign);
  put_decimal(output, number, from, from - digits, from, point);
  output.put(letter);
  output.put(from < 0 ? '-' : '+');
  if (exponent >= 100) {
    output.put(static_cast<char>('0' + exponent / 100));
  }
  output.put(static_cast<char>('0' + exponent / 10 % 10));
  output.put(static_cast<char>('0' + exponent % 10));
}

// Whichever of the two is shorter, for so many digits in all.
void put_general(Output& output, const Conversion& conversion, Decimal& number, const char* sign,
                 int digits, char letter) {
  digits = std::max(digits, 1);
  number.round(number.leading_power() - digits + 1);
  const int leading = number.leading_power();
  int lowest = leading - digits + 1;
  if (!conversion.alternative) {
    while (lowest < leading && number.digit(lowest) == 0) {
      lowest++;
    }
  }
  if (leading < -4 || leading >= digits) {
    put_scientific(output, conversion, number, sign, leading - lowest, letter);
  } else {
    put_fixed(output, conversion, number, sign, std::max(-lowest, 0));
  }
}

void put_double(Output& output, Conversion conversion, double value) {
  constexpr int kFractionBits = 52;
  constexpr int kSpecial = 0x7FF;
  constexpr int kBias = 1023;
  const auto bits = std::bit_cast<uint64_t>(value);
  const char* const sign = sign_of(conversion, bits >> 63 != 0);
  const int exponent = static_cast<int>(bits >> kFractionBits) & kSpecial;
  const uint64_t fraction = bits & ((uint64_t{1} << kFractionBits) - 1);
  const bool is_small = (conversion.letter & 0x20) != 0;
  if (exponent == kSpecial) {
    const char* text = fraction != 0 ? (is_small ? "nan" : "NAN") : (is_small ? "inf" : "INF");
    conversion.zeros = false;
    const Field field(output, conversion, 3, sign);
    while (*text != '\0') {
      output.put(*text++);
    }
    return;
  }
  const int digits = conversion.precision < 0 ? 6 : conversion.precision;
  Decimal number(exponent == 0 ? fraction : fraction | uint64_t{1} << kFractionBits,
                 std::max(exponent, 1) - kBias - kFractionBits);
  switch (conversion.letter | 0x20) {
    case 'e':
      return put_scientific(output, conversion, number, sign, digits, conversion.letter);
    case 'f':
      return put_fixed(output, conversion, number, sign, digits);
    default:
      return put_general(output, conversion, number, sign, digits, is_small ? 'e' : 'E');
  }
}

void put_pointer(Output& output, Conversion conversion, const void* pointer) {
  if (pointer == nullptr) {
    return put_text(output, conversion, "(nil)");
  }
  conversion.letter = 'x';
  conversion.alternative = true;
  put_unsigned(output, conversion, static_cast<uint32_t>(reinterpret_cast<uintptr_t>(pointer)));
}

}  // namespace
}  // namespace flashstore::machine

using namespace flashstore::machine;

int MACHINE_HELPER(vsnprintf)(char* to, size_t bytes, const char* format, va_list values) {
  Output output(to, bytes);
  for (; *format != '\0'; format++) {
    if (*format != '%') {
      output.put(*format);
      continue;
    }
    Conversion conversion;
    read_flags(++format, conversion);
    if (*format == '*') {
      format++;
      const int width = va_arg(values, int);
      conversion.left = conversion.left || width < 0;
      conversion.width = width < 0 ? -width : width;
    } else {
      conversion.width = read_number(format);
    }
    if (*format == '.') {
      format++;
      if (*format == '*') {
        format++;
        conversion.precision = va_arg(values, int);
      } else {
        conversion.precision = read_number(format);
      }
    }
    while (*format == 'h' || *format == 'l' || *format == 'z') {
      format++;
    }
    conversion.letter = *format;
    switch (*format) {
      case 'd':
      case 'i':
        put_signed(output, conversion, va_arg(values, int));
        break;
      case 'u':
      case 'o':
      case 'x':
      case 'X':
        put_unsigned(output, conversion, va_arg(values, unsigned));
        break;
      case 'c': {
        conversion.zeros = false;
        const Field field(output, conversion, 1);
        output.put(static_cast<char>(va_arg(values, int)));
        break;
      }
      case 's':
        put_text(output, conversion, va_arg(values, const char*));
        break;
      case 'p':
        put_pointer(output, conversion, va_arg(values, const void*));
        break;
      case 'e':
      case 'E':
      case 'f':
      case 'F':
      case 'g':
      case 'G':
        put_double(output, conversion, va_arg(values, double));
        break;
      case '%':
        output.put('%');
        break;
      default:
        return output.finish();  // not a format
    }
  }
  return output.finish();
}

int MACHINE_HELPER(snprintf)(char* to, size_t bytes, const char* format, ...) {
  va_list values;
  va_start(values, format);
  const int count = MACHINE_HELPER(vsnprintf)(to, bytes, format, values);
  va_end(values);
  return count;
}

int MACHINE_HELPER(sprintf)(char* to, const char* format, ...) {
  va_list values;
  va_start(values, format);
  const int count = MACHINE_HELPER(vsnprintf)(to, INT_MAX, format, values);
  va_end(values);
  return count;
}
