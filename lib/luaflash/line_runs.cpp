#include "luaflash/line_runs.h"

#include "luaflash/format.h"

namespace flashstore::luaflash {

bool LineRuns::next() {
  uint32_t found = byte();
  if (found == 0 || flawed_) {
    return false;
  }
  uint32_t step = 1;
  if (found & kLineDeltaBit) {
    const bool back = found & kLineBackBit;
    uint32_t delta = found & ((1u << kLineFirstBits) - 1);
    uint32_t shift = kLineFirstBits;
    ++at_;
    for (; (found = byte()) & kLineDeltaBit && shift < 32; ++at_) {
      delta |= (found & ((1u << kLineMoreBits) - 1)) << shift;
      shift += kLineMoreBits;
    }
    step = back ? 0 - delta : delta + 2;
  }
  flawed_ = found == 0 || found > kLineMaxCount;
  line_ += step;
  count_ = found;
  ++at_;
  return !flawed_;
}

}  // namespace flashstore::luaflash
