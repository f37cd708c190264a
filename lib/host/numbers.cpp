#include "host/numbers.h"

#include <charconv>
#include <limits>

namespace flashstore::host {

std::optional<uint32_t> parse_number(std::string_view text, bool suffixes) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    text.remove_prefix(2);
    base = 16;
  }
  uint32_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value, base);
  if (error != std::errc()) {
    return std::nullopt;
  }
  const std::string_view suffix(rest, static_cast<size_t>(end - rest));
  uint32_t factor = 1;
  if (suffixes && (suffix == "K" || suffix == "KiB")) {
    factor = 1024;
  } else if (suffixes && (suffix == "M" || suffix == "MiB")) {
    factor = 1024 * 1024;
  } else if (!suffix.empty()) {
    return std::nullopt;
  }
  if (value > std::numeric_limits<uint32_t>::max() / factor) {
    return std::nullopt;
  }
  return value * factor;
}

std::string hex(uint64_t value) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, value, 16).ptr;
  return "0x" + std::string(digits, end);
}

}  // namespace flashstore::host
