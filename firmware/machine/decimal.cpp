#include "machine/decimal.h"

#include <algorithm>

namespace flashstore::machine {
namespace {

// By powers of ten from 0 to 8.
uint32_t power_of_ten(int power) {
  uint32_t value = 1;
  while (power-- > 0) {
    value *= 10;
  }
  return value;
}

}  // namespace

Decimal::Decimal(uint64_t significand, int exponent) {
  constexpr int kMostIntegerLimbs = 35;  // of 2^1025
  units_ = exponent > 0 ? kMostIntegerLimbs : 1;
  last_ = units_;
  first_ = units_ - 1;
  limbs_[first_] = static_cast<uint32_t>(significand / kLimb);
  limbs_[units_] = static_cast<uint32_t>(significand % kLimb);
  if (exponent > 0) {
    shift_left(exponent);
  } else {
    shift_right(-exponent);
  }
  while (first_ < last_ && limbs_[first_] == 0) {
    first_++;
  }
}

void Decimal::shift_left(int bits) {
  constexpr int kMost = 29;
  while (bits > 0) {
    const int step = std::min(bits, kMost);
    uint64_t carry = 0;
    for (int i = last_; i >= first_ || carry != 0; i--) {
      const uint64_t value = (uint64_t{limbs_[i]} << step) + carry;
      carry = value / kLimb;
      limbs_[i] = static_cast<uint32_t>(value - carry * kLimb);
      first_ = std::min(first_, i);
    }
    bits -= step;
  }
}

void Decimal::shift_right(int bits) {
  constexpr int kMost = 9;  // twos in the factors of kLimb
  while (bits > 0) {
    const int step = std::min(bits, kMost);
    const uint32_t mask = (1u << step) - 1;
    uint32_t carry = 0;
    for (int i = first_; i <= last_; i++) {
      const uint32_t value = limbs_[i];
      limbs_[i] = (value >> step) + carry;
      carry = (kLimb >> step) * (value & mask);
    }
    if (carry != 0) {
      limbs_[++last_] = carry;
    }
    if (limbs_[first_] == 0 && first_ < last_) {
      first_++;
    }
    bits -= step;
  }
}

int Decimal::leading_power() const {
  if (limbs_[first_] == 0) {
    return 0;
  }
  int power = (units_ - first_) * kLimbDigits;
  for (uint32_t rest = limbs_[first_] / 10; rest != 0; rest /= 10) {
    power++;
  }
  return power;
}

Decimal::Place Decimal::place(int power) const {
  const int limbs = (power >= 0 ? power : power - (kLimbDigits - 1)) / kLimbDigits;
  return {units_ - limbs, power - limbs * kLimbDigits};
}

uint32_t Decimal::digit(int power) const {
  const Place place = this->place(power);
  if (place.limb < first_ || place.limb > last_) {
    return 0;
  }
  return limbs_[place.limb] / power_of_ten(place.digits) % 10;
}

int Decimal::compare_rest_with_half(int limb, uint32_t unit) const {
  uint32_t rest = 0;
  uint32_t half = 0;
  if (unit > 1) {
    rest = limbs_[limb] % unit;
    half = unit / 2;
  } else if (limb < last_) {
    rest = limbs_[++limb];
    half = kLimb / 2;
  } else {
    return -1;
  }
  if (rest != half) {
    return rest < half ? -1 : 1;
  }
  const bool is_more = std::any_of(limbs_.begin() + limb + 1, limbs_.begin() + last_ + 1,
                                   [](uint32_t more) { return more != 0; });
  return is_more ? 1 : 0;
}

void Decimal::round(int power) {
  const Place place = this->place(power);
  int i = place.limb;
  if (i > last_) {
    return;
  }
  if (i < 0) {  // far above all there is
    first_ = last_ = units_;
    limbs_[units_] = 0;
    return;
  }
  first_ = std::min(first_, i);
  const uint32_t unit = power_of_ten(place.digits);
  const bool is_odd = limbs_[i] / unit % 2 != 0;
  const int rest = compare_rest_with_half(i, unit);
  limbs_[i] -= limbs_[i] % unit;
  last_ = i;
  if (rest > 0 || (rest == 0 && is_odd)) {
    for (limbs_[i] += unit; limbs_[i] == kLimb; limbs_[i]++) {
      limbs_[i--] = 0;
    }
    first_ = std::min(first_, i);
  }
  while (first_ < last_ && limbs_[first_] == 0) {
    first_++;
  }
}

}  // namespace flashstore::machine
