#include "luaflash/line_runs.h"

#include "luaflash/format.h"

namespace flashstore::luaflash {

bool LineRuns::next() {
  uint32_t found = 0;
  uint32_t step = 1;
  uint32_t sign = 0;
  uint32_t shift = 0;
  while ((found = byte()) & kLineDeltaBit && shift < 32) {
    if (shift == 0) {
      sign = found & kLineBackBit;
      step = found & ((1u << kLineFirstBits) - 1);
      shift = kLineFirstBits;
    } else {
      step |= (found & ((1u << kLineMoreBits) - 1)) << shift;
      shift += kLineMoreBits;
    }
    ++at_;
  }
  if (shift != 0) {
    step = sign != 0 ? 0 - step : step + 2;
  }
  if (found == 0 && shift == 0) {
    return false;
  }
  flawed_ = flawed_ || found == 0 || found > kLineMaxCount;
  line_ += step;
  count_ = found;
  ++at_;
  return !flawed_;
}

LineRun::LineRun(uint32_t previous, uint32_t line, uint32_t count) {
  if (line <= previous) {
    add_delta(kLineBackBit, previous - line);
  } else if (line > previous + 1) {
    add_delta(0, line - previous - 2);
  }
  bytes_[size_++] = static_cast<uint8_t>(count);
}

void LineRun::add_delta(uint32_t sign, uint32_t value) {
  constexpr uint32_t kFirstMask = (1u << kLineFirstBits) - 1;
  constexpr uint32_t kMoreMask = (1u << kLineMoreBits) - 1;
  bytes_[size_++] = static_cast<uint8_t>(kLineDeltaBit | sign | (value & kFirstMask));
  for (value >>= kLineFirstBits; value != 0; value >>= kLineMoreBits) {
    bytes_[size_++] = static_cast<uint8_t>(kLineDeltaBit | (value & kMoreMask));
  }
}

}  // namespace flashstore::luaflash
