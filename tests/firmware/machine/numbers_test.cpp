#include "machine/numbers.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

#include "samples.h"

namespace flashstore::test {
namespace {

void compare(const std::string& text) {
  char* end = nullptr;
  char* host_end = nullptr;
  const double ours = machine_strtod(text.c_str(), &end);
  const double host = std::strtod(text.c_str(), &host_end);
  ASSERT_EQ(end - text.c_str(), host_end - text.c_str()) << text;
  ASSERT_EQ(std::bit_cast<uint64_t>(ours), std::bit_cast<uint64_t>(host))
      << text << std::hexfloat << ' ' << ours << ' ' << host;
}

TEST(Numbers, ReadsWhatTheHostReads) {
  for (const std::string text : {"0",
                                 "-0",
                                 "1",
                                 "+1",
                                 "  12",
                                 "\t\n-3.5e2x",
                                 "",
                                 " ",
                                 "-",
                                 "+",
                                 ".",
                                 "-.",
                                 "e5",
                                 ".e5",
                                 ".5",
                                 "5.",
                                 "5.e1",
                                 "1e",
                                 "1e+",
                                 "1e-",
                                 "1e5",
                                 "1E-5",
                                 "1.2.3",
                                 "12abc",
                                 "0x",
                                 "0xg",
                                 "0x10",
                                 "-0X1fP4",
                                 "0x.8",
                                 "0x1.8p-3",
                                 "0x1p",
                                 "0x1p+",
                                 "0x.p1",
                                 "0x1.fffffffffffff8p0",
                                 "0x1.fffffffffffff7fffp0",
                                 "0x123456789abcdef01234",
                                 "0x0.00000000000001p-1020",
                                 "0x1p-1075",
                                 "0x1.8p-1075",
                                 "0x1p1024",
                                 "0x1p-5000",
                                 "0x1p5000",
                                 "inf",
                                 "-INF",
                                 "infinity",
                                 "infinit",
                                 "in",
                                 "nan",
                                 "-nan",
                                 "NaNx",
                                 "1e400",
                                 "-1e400",
                                 "1e-400",
                                 "1e999999999",
                                 "1e-999999999999",
                                 "0e99999999999",
                                 "0.0000000000000000000001",
                                 "100000000000000000000000",
                                 "9007199254740993",
                                 "9007199254740992.5",
                                 "9007199254740993.00000000000000000000000000001",
                                 "4.9406564584124654e-324",
                                 "2.4703282292062327e-324",
                                 "2.4703282292062328e-324",
                                 "2.2250738585072011e-308",
                                 "2.2250738585072014e-308",
                                 "1.7976931348623157e308",
                                 "1.7976931348623158e308",
                                 "1.7976931348623159e308",
                                 "179769313486231580793728971405301e276",
                                 "0.500000000000000166533453693773481063544750213623046875",
                                 "3.518437208883201171875e13",
                                 "62.5364939768271845828",
                                 "8.10109172351e-10",
                                 "1.50000000000000011102230246251565",
                                 "6929495644600919.5",
                                 "3.7455744005952583e15",
                                 "0.1",
                                 "0.2",
                                 "0.3",
                                 "123456789012345",
                                 "1234567890123456789"}) {
    ASSERT_NO_FATAL_FAILURE(compare(text));
  }
}

TEST(Numbers, ReadsWhatTheHostWrites) {
  Doubles doubles(1);
  char text[1200];
  for (size_t i = 0; i < sample_count(10000); i++) {
    const double value = doubles.next();
    if (std::isnan(value)) {
      continue;
    }
    for (const char* format : {"%.14g", "%.17g", "%.25e", "%.5g", "%a"}) {
      std::snprintf(text, sizeof text, format, value);
      ASSERT_NO_FATAL_FAILURE(compare(text));
    }
  }
}

TEST(Numbers, RoundsWhatLiesHalfwayToEven) {
  std::mt19937_64 random(2);
  char text[1200];
  for (size_t i = 0; i < sample_count(1000); i++) {
    // Halfway between two doubles, all digits; then a little more and a little less.
    const auto exponent = static_cast<int>(random() % 2000) - 1040;
    const long double halfway =
        std::ldexp(static_cast<long double>((random() >> 10) | 1), exponent);
    std::snprintf(text, sizeof text, "%.780Le", halfway);
    std::string digits = text;
    ASSERT_NO_FATAL_FAILURE(compare(digits));
    digits.insert(digits.find('e'), "0000000001");
    ASSERT_NO_FATAL_FAILURE(compare(digits));
  }
}

TEST(Numbers, ReadsDigitsOfAnyLength) {
  compare("0." + std::string(5000, '0') + "1");
  compare(std::string(400, '9'));
  compare(std::string(300, '9') + "." + std::string(3000, '9'));
  compare("0." + std::string(320, '0') + std::string(800, '3'));
  compare(std::string(2000, '0') + "7");
  compare("1" + std::string(5000, '0') + "e-5000");
}

TEST(Numbers, ReadsIntegersAsTheHostDoes) {
  for (const std::string text : {"0",
                                 "10",
                                 "-10",
                                 "+7",
                                 "  ff",
                                 "0xff",
                                 "0XFFg",
                                 "0x",
                                 "077",
                                 "08",
                                 "zz",
                                 "",
                                 "-",
                                 "123456789",
                                 "9223372036854775807",
                                 "9223372036854775808",
                                 "-9223372036854775807",
                                 "-9223372036854775808",
                                 "-9223372036854775809",
                                 "9223372036854775799",
                                 "18446744073709551615",
                                 "18446744073709551616",
                                 "-18446744073709551615",
                                 "99999999999999999999",
                                 "7fffffffffffffff",
                                 "-8000000000000000",
                                 "8000000000000000"}) {
    for (const int base : {0, 2, 8, 10, 16, 36}) {
      char* end = nullptr;
      char* host_end = nullptr;
      EXPECT_EQ(machine_strtoul(text.c_str(), &end, base),
                std::strtoul(text.c_str(), &host_end, base))
          << text;
      EXPECT_EQ(end, host_end) << text << " base " << base;
      EXPECT_EQ(machine_strtoll(text.c_str(), &end, base),
                std::strtoll(text.c_str(), &host_end, base))
          << text;
      EXPECT_EQ(end, host_end) << text << " base " << base;
    }
  }
}

}  // namespace
}  // namespace flashstore::test
