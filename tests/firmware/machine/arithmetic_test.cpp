// Floating point in software, bit for bit as the host's hardware has it.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>

#include "machine/soft_float.h"
#include "samples.h"

namespace flashstore::test {
namespace {

using Operation = double (*)(double, double);

struct Pair {
  const char* name;
  Operation ours;
  Operation host;
};

// The host's operations, at run time.
double host_add(double a, double b) {
  const volatile double x = a;
  return x + b;
}
double host_subtract(double a, double b) {
  const volatile double x = a;
  return x - b;
}
double host_multiply(double a, double b) {
  const volatile double x = a;
  return x * b;
}
double host_divide(double a, double b) {
  const volatile double x = a;
  return x / b;
}

const Pair kPairs[] = {
    {"add", machine___adddf3, host_add},
    {"subtract", machine___subdf3, host_subtract},
    {"multiply", machine___muldf3, host_multiply},
    {"divide", machine___divdf3, host_divide},
};

uint64_t bits_of(double value) {
  return std::bit_cast<uint64_t>(value);
}

uint32_t bits_of(float value) {
  return std::bit_cast<uint32_t>(value);
}

// The compiler may exchange the operands of a sum or product: of two that are no numbers, either
// may come out.
template <typename Number>
bool same(Number a, Number b, Number ours, Number host) {
  if (std::isnan(a) && std::isnan(b)) {
    return std::isnan(ours) && std::isnan(host);
  }
  return bits_of(ours) == bits_of(host);
}

void compare(double a, double b) {
  for (const Pair& pair : kPairs) {
    const double ours = pair.ours(a, b);
    const double host = pair.host(a, b);
    ASSERT_TRUE(same(a, b, ours, host))
        << pair.name << std::hexfloat << ' ' << a << ' ' << b << std::hex << ": " << bits_of(ours)
        << " instead of " << bits_of(host);
  }
}

void compare_widening(float value) {
  const volatile float x = value;
  ASSERT_EQ(bits_of(machine___extendsfdf2(value)), bits_of(static_cast<double>(x)))
      << std::hexfloat << value;
}

void compare_floats(float a, float b) {
  compare_widening(a);
  const volatile float x = a;
  ASSERT_TRUE(same(a, b, machine___addsf3(a, b), x + b)) << std::hexfloat << a << " + " << b;
  ASSERT_TRUE(same(a, b, machine___subsf3(a, b), x - b)) << std::hexfloat << a << " - " << b;
  ASSERT_TRUE(same(a, b, machine___mulsf3(a, b), x * b)) << std::hexfloat << a << " * " << b;
}

// What a float32 conversion of the host gives, where there is one.
int32_t host_int(double value) {
  return value > -2147483649.0 && value < 2147483648.0 ? static_cast<int32_t>(value) : INT32_MIN;
}

void compare_conversions(double value) {
  const volatile double x = value;
  ASSERT_EQ(machine___fixdfsi(value), host_int(value)) << std::hexfloat << value;
  if (std::fabs(value) < 9.2e18) {
    ASSERT_EQ(machine___fixunsdfsi(value), static_cast<uint32_t>(static_cast<int64_t>(value)))
        << std::hexfloat << value;
  }
  const float narrow = static_cast<float>(x);
  ASSERT_EQ(bits_of(machine___truncdfsf2(value)), bits_of(narrow)) << std::hexfloat << value;
  compare_widening(narrow);
}

TEST(Arithmetic, HardNumbersGiveWhatTheHostGives) {
  for (const uint64_t a : kHardDoubles) {
    for (const uint64_t b : kHardDoubles) {
      ASSERT_NO_FATAL_FAILURE(compare(std::bit_cast<double>(a), std::bit_cast<double>(b)));
    }
  }
}

TEST(Arithmetic, ManyNumbersGiveWhatTheHostGives) {
  Doubles doubles(1);
  for (size_t i = 0; i < sample_count(1000000); i++) {
    const double a = doubles.next();
    ASSERT_NO_FATAL_FAILURE(compare(a, doubles.next()));
  }
}

TEST(Arithmetic, QuotientsAndProductsAroundTiesRoundToEven) {
  // (2^53 + 1) * 2^-1 and its like lie halfway between two doubles.
  std::mt19937_64 random(2);
  for (size_t i = 0; i < sample_count(100000); i++) {
    const double odd = static_cast<double>((random() >> 11) | 1);
    for (const double factor : {3.0, 5.0, 0x1p-1060, 0x1p-1074, 1.5}) {
      ASSERT_NO_FATAL_FAILURE(compare(odd, factor));
    }
  }
}

TEST(Arithmetic, ConvertsAsTheHostDoes) {
  for (const uint64_t bits : kHardDoubles) {
    ASSERT_NO_FATAL_FAILURE(compare_conversions(std::bit_cast<double>(bits)));
  }
  Doubles doubles(3);
  std::mt19937_64 random(4);
  for (size_t i = 0; i < sample_count(300000); i++) {
    ASSERT_NO_FATAL_FAILURE(compare_conversions(doubles.next()));
    // Where floats and 32-bit integers are.
    const double scaled = std::ldexp(static_cast<double>(static_cast<int64_t>(random())),
                                     static_cast<int>(random() % 300) - 213);
    ASSERT_NO_FATAL_FAILURE(compare_conversions(scaled));
    const auto integer = static_cast<int32_t>(random() >> (32 + random() % 32));
    const auto natural = static_cast<uint32_t>(integer);
    ASSERT_EQ(bits_of(machine___floatsidf(integer)), bits_of(static_cast<double>(integer)));
    ASSERT_EQ(bits_of(machine___floatunsidf(natural)), bits_of(static_cast<double>(natural)));
    ASSERT_EQ(bits_of(machine___floatsisf(integer)), bits_of(static_cast<float>(integer)));
    ASSERT_EQ(bits_of(machine___floatunsisf(natural)), bits_of(static_cast<float>(natural)));
  }
  for (const int32_t integer : {0, 1, -1, INT32_MAX, INT32_MIN, 0x1000001, -0x1000001}) {
    ASSERT_EQ(bits_of(machine___floatsidf(integer)), bits_of(static_cast<double>(integer)));
    ASSERT_EQ(bits_of(machine___floatsisf(integer)), bits_of(static_cast<float>(integer)));
  }
  EXPECT_EQ(machine___fixunssfsi(4294967040.0f), 4294967040u);
  EXPECT_EQ(machine___fixunssfsi(-1.0f), UINT32_MAX);
}

TEST(Arithmetic, FloatsGiveWhatTheHostGives) {
  std::mt19937_64 random(5);
  for (size_t i = 0; i < sample_count(1000000); i++) {
    const uint64_t bits = random();
    auto a = static_cast<uint32_t>(bits);
    auto b = static_cast<uint32_t>(bits >> 32);
    if (i % 2 == 0) {  // exponents that meet
      b = (b & 0x83FFFFFF) | (a & 0x7C000000);
    }
    ASSERT_NO_FATAL_FAILURE(compare_floats(std::bit_cast<float>(a), std::bit_cast<float>(b)));
  }
  for (const uint32_t a :
       {0x00000000u, 0x80000000u, 0x00000001u, 0x007FFFFFu, 0x00800000u, 0x3F800000u, 0x7F7FFFFFu,
        0xFF7FFFFFu, 0x7F800000u, 0xFF800000u, 0x7FC00000u, 0x7FA00000u}) {
    for (const uint32_t b : {0x00000000u, 0x80000001u, 0x007FFFFFu, 0x33800000u, 0x3F800001u,
                             0x7F7FFFFFu, 0x7F800000u, 0xFF800000u}) {
      ASSERT_NO_FATAL_FAILURE(compare_floats(std::bit_cast<float>(a), std::bit_cast<float>(b)));
    }
  }
}

}  // namespace
}  // namespace flashstore::test
