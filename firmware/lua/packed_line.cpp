// luaR_packedline: C++ for the sake of the one definition of the line map's bits.
#include "lrom.h"
#include "luaflash/format.h"

using namespace flashstore::luaflash;

extern "C" int luaR_packedline(const unsigned char* map, int pc) {
  constexpr uint32_t kFirstMask = (1u << kLineFirstBits) - 1;
  constexpr uint32_t kMoreMask = (1u << kLineMoreBits) - 1;
  uint32_t line = 0;
  int64_t end = 0;  // the first instruction that the counts so far do not cover
  while (*map != 0 && *map != kLineFiller) {
    if ((*map & kLineDeltaBit) != 0) {
      const bool back = (*map & kLineBackBit) != 0;
      uint32_t delta = *map & kFirstMask;
      uint32_t shift = kLineFirstBits;
      for (map++; (*map & kLineDeltaBit) != 0 && shift < 32; map++) {
        delta += (*map & kMoreMask) << shift;
        shift += kLineMoreBits;
      }
      line = back ? line - delta : line + delta + 2;
    } else {
      line++;
    }
    if (*map == 0) {
      return 0;
    }
    end += *map++;
    if (pc < end) {
      return static_cast<int>(line);
    }
  }
  return 0;
}
