#include "luaflash/string_hash.h"

namespace flashstore::luaflash {

uint32_t string_hash(std::string_view bytes) {
  auto hash = static_cast<uint32_t>(bytes.size());
  const size_t step =
      (bytes.size() >> 5) + 1;  // long strings are sampled, at most 31 bytes of them
  for (size_t i = bytes.size(); i >= step; i -= step) {
    hash ^= (hash << 5) + (hash >> 2) + static_cast<uint8_t>(bytes[i - 1]);
  }
  return hash;
}

bool slots_fit(uint32_t slots, uint32_t strings) {
  return (slots & (slots - 1)) == 0 && slots > strings && slots / 2 <= strings;
}

}  // namespace flashstore::luaflash
