// A gzip member around any payload, for tests that damage payloads.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>

#include "core/crc32.h"

namespace flashstore::test {

// In stored blocks.
inline std::string envelope(std::span<const uint8_t> payload) {
  std::string file("\x1F\x8B\x08\0\0\0\0\0\4\3", 10);
  const auto append = [&file](uint32_t value, int bytes) {
    for (; bytes > 0; --bytes, value >>= 8) {
      file += static_cast<char>(value);
    }
  };
  std::span<const uint8_t> rest = payload;
  do {
    const auto block = rest.first(std::min<size_t>(rest.size(), 0xFFFF));
    rest = rest.subspan(block.size());
    append(rest.empty() ? 1 : 0, 1);
    append(static_cast<uint32_t>(block.size()), 2);
    append(~static_cast<uint32_t>(block.size()), 2);
    file.append(block.begin(), block.end());
  } while (!rest.empty());
  append(core::crc32(payload), 4);
  append(static_cast<uint32_t>(payload.size()), 4);
  return file;
}

}  // namespace flashstore::test
