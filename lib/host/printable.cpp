#include "host/printable.h"

#include <algorithm>
#include <cstdint>

namespace flashstore::host {
namespace {

// Bytes of the well-formed UTF-8 character that begins at `at`; 0 if there is none.
size_t character_size(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) {
    return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0};
  };
  const auto continued = [&](size_t count) {
    for (size_t i = 1; i <= count; ++i) {
      if ((byte(at + i) & 0xC0) != 0x80) {
        return false;
      }
    }
    return true;
  };
  const uint8_t first = byte(at);
  const uint8_t second = byte(at + 1);
  if (first < 0x80) {
    return 1;
  }
  if (first >= 0xC2 && first <= 0xDF) {
    return continued(1) ? 2 : 0;
  }
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && second < 0xA0;
    const bool surrogate = first == 0xED && second > 0x9F;
    return continued(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool overlong = first == 0xF0 && second < 0x90;
    const bool too_large = first == 0xF4 && second > 0x8F;
    return continued(3) && !overlong && !too_large ? 4 : 0;
  }
  return 0;
}

// The character of `size` bytes that begins at `at`.
uint32_t character(std::string_view text, size_t at, size_t size) {
  const auto first = static_cast<uint8_t>(text[at]);
  uint32_t value = size == 1 ? first : first & (0x7Fu >> size);
  for (size_t i = 1; i < size; ++i) {
    value = value << 6 | (static_cast<uint8_t>(text[at + i]) & 0x3Fu);
  }
  return value;
}

// Whether a terminal may take the character for an order: a control character of ASCII or Latin-1
// (U+009B begins a sequence as ESC [ does), the end of a line, or what turns the direction of text.
bool is_control(uint32_t character) {
  return character < 0x20 || (character >= 0x7F && character < 0xA0) || character == 0x061C ||
         character == 0x200E || character == 0x200F ||
         (character >= 0x2028 && character <= 0x202E) ||
         (character >= 0x2066 && character <= 0x2069);
}

std::string escaped(uint8_t byte) {
  constexpr char kDigits[] = "0123456789abcdef";
  switch (byte) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
  }
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t size = character_size(text, at);
    if (size != 0 && !is_control(character(text, at, size))) {
      out += text.substr(at, size);
      at += size;
      continue;
    }
    for (const size_t end = at + std::max<size_t>(size, 1); at < end; ++at) {
      out += escaped(static_cast<uint8_t>(text[at]));
    }
  }
  return out;
}

bool is_utf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t size = character_size(text, at);
    if (size == 0) {
      return false;
    }
    at += size;
  }
  return true;
}

}  // namespace flashstore::host
