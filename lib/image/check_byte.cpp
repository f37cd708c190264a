#include "image/check_byte.h"

#include <array>

#include "lilotafs/check.h"

namespace flashstore::image {
namespace {

// The sum after a byte depends on nothing but the sum before it, exclusive-or the byte.
std::array<uint8_t, 256> make_steps() {
  std::array<uint8_t, 256> steps{};
  for (size_t value = 0; value < steps.size(); ++value) {
    const auto byte = static_cast<uint8_t>(value);
    steps[value] = lilotafs::add_to_check(0, {&byte, 1});
  }
  return steps;
}

}  // namespace

uint8_t check_byte(std::string_view path, std::span<const uint8_t> data) {
  static const std::array<uint8_t, 256> kSteps = make_steps();
  uint8_t sum = lilotafs::kCheckInitial;
  for (const char c : path) {
    sum = kSteps[sum ^ static_cast<uint8_t>(c)];
  }
  for (const uint8_t byte : data) {
    sum = kSteps[sum ^ byte];
  }
  return lilotafs::stored_check(sum, static_cast<uint32_t>(data.size()));
}

}  // namespace flashstore::image
