#include "host/quantities.h"

#include <cstdio>

namespace flashstore::host {
namespace {

std::string with_commas(uint64_t value) {
  std::string digits = std::to_string(value);
  for (size_t at = digits.size(); at > 3; at -= 3) {
    digits.insert(at - 3, ",");
  }
  return digits;
}

std::string with_one_decimal(double value, const char* unit) {
  char text[48];
  std::snprintf(text, sizeof text, "%.1f %s", value, unit);
  return text;
}

}  // namespace

std::string bytes(uint64_t value) {
  constexpr uint64_t kKib = 1024;
  constexpr uint64_t kMib = kKib * kKib;
  std::string text = with_commas(value) + " B";
  if (value >= kMib) {
    text += " (" + with_one_decimal(static_cast<double>(value) / kMib, "MiB") + ")";
  } else if (value >= kKib) {
    text += " (" + with_one_decimal(static_cast<double>(value) / kKib, "KiB") + ")";
  }
  return text;
}

std::string count(uint64_t value, const std::string& noun) {
  return with_commas(value) + " " + noun + (value == 1 ? "" : "s");
}

std::string percent(uint64_t part, uint64_t whole) {
  return with_one_decimal(100.0 * static_cast<double>(part) / static_cast<double>(whole), "%");
}

}  // namespace flashstore::host
