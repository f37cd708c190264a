// Numbers that look random and are the same on every machine.
#pragma once

#include <cstdint>

namespace flashstore::norsim {

// Steps `state` and returns the next number: SplitMix64.
inline uint64_t next_random(uint64_t& state) {
  state += 0x9E3779B97F4A7C15u;
  uint64_t mixed = state;
  mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBu;
  return mixed ^ mixed >> 31;
}

// A number of 0 to `limit` - 1; `limit` is not 0.
inline uint32_t random_below(uint64_t& state, uint32_t limit) {
  return static_cast<uint32_t>((next_random(state) >> 32) * limit >> 32);
}

}  // namespace flashstore::norsim
