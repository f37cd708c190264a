#include "machine/format.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>

#include "samples.h"

namespace flashstore::test {
namespace {

template <typename... Values>
std::string ours(const std::string& format, Values... values) {
  char text[2000];
  const int count = machine_snprintf(text, sizeof text, format.c_str(), values...);
  EXPECT_EQ(static_cast<size_t>(count), std::string(text).size()) << format;
  return text;
}

template <typename... Values>
std::string host(const std::string& format, Values... values) {
  char text[2000];
  std::snprintf(text, sizeof text, format.c_str(), values...);
  return text;
}

template <typename... Values>
void compare(const std::string& format, Values... values) {
  ASSERT_EQ(ours(format, values...), host(format, values...)) << format;
}

const char* const kWidths[] = {"",   "1",   "5",   "20",   ".0",    ".1",
                               ".3", ".14", ".17", "12.4", "30.20", ".99"};
const char* const kFlags[] = {"", "-", "+", " ", "#", "0", "-+", "+0", "# 0", "-#"};

TEST(Format, WritesDoublesAsTheHostDoes) {
  for (const char letter : std::string("eEfFgG")) {
    for (const std::string flags : kFlags) {
      for (const std::string width : kWidths) {
        const std::string format = "%" + flags + width + letter;
        for (const uint64_t bits : kHardDoubles) {
          ASSERT_NO_FATAL_FAILURE(compare(format, std::bit_cast<double>(bits)));
        }
        for (const double value : {0.5, 1.5, 2.5, 0.1, 9.5, 99.5, 0.05, 123456.0, 1234567.0, 0.0001,
                                   0.00001, 1e15, 1e100, 1e-100}) {
          ASSERT_NO_FATAL_FAILURE(compare(format, value));
        }
        // Where rounding makes the exponent larger, glibc 2.36 forgets zeros that # asks for.
        if (flags.find('#') == std::string::npos) {
          ASSERT_NO_FATAL_FAILURE(compare(format, 999999.5));
          ASSERT_NO_FATAL_FAILURE(compare(format, 9.9999999999999995));
        }
      }
    }
  }
}

TEST(Format, WritesManyDoublesAsTheHostDoes) {
  Doubles doubles(1);
  for (size_t i = 0; i < sample_count(20000); i++) {
    const double value = doubles.next();
    ASSERT_NO_FATAL_FAILURE(compare("%.14g", value));
    ASSERT_NO_FATAL_FAILURE(compare("%.17g|%.3f|%e", value, value, value));
    ASSERT_NO_FATAL_FAILURE(compare("%.40f", value));
  }
}

TEST(Format, WritesIntegersAsTheHostDoes) {
  for (const char letter : std::string("diuoxX")) {
    for (const std::string flags : kFlags) {
      for (const std::string width : {"", "1", "5", "12", ".0", ".3", "12.5", "5.12"}) {
        for (const int value : {0, 1, -1, 7, 8, 42, 123456, -123456,
                                std::numeric_limits<int>::max(), std::numeric_limits<int>::min()}) {
          ASSERT_NO_FATAL_FAILURE(compare("%" + flags + width + letter, value));
        }
      }
    }
  }
}

TEST(Format, WritesTextAsTheHostDoes) {
  for (const std::string width : {"", "1", "10", "-10", ".0", ".2", "10.2", "-10.3"}) {
    compare("[%" + width + "s]", "hello");
    compare("[%" + width + "s]", "");
  }
  compare("%c%5c|%-5c|", 'a', 'b', 'c');
  compare("100%% %s %*d %.*f|%-*d|", "and", 6, 42, 2, 3.14159, 5, 7);
  compare("%ld %lu %lx %hd %zu", 1L, 2UL, 3UL, 4, size_t{5});
  compare("%p", reinterpret_cast<const void*>(0x40210000));
  compare("%p", static_cast<const void*>(nullptr));
}

TEST(Format, KeepsZerosWhereRoundingMakesTheExponentLarger) {
  EXPECT_EQ(ours("%#g", 999999.5), "1.00000e+06");
}

TEST(Format, KeepsToTheRoomThereIs) {
  char text[4] = {'x', 'x', 'x', 'x'};
  EXPECT_EQ(machine_snprintf(text, 3, "%d", 12345), 5);
  EXPECT_STREQ(text, "12");
  EXPECT_EQ(text[3], 'x');
  EXPECT_EQ(machine_snprintf(nullptr, 0, "%s", "abc"), 3);
}

}  // namespace
}  // namespace flashstore::test
