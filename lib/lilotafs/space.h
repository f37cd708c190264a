// How much of a partition has to be free for a file to be written, now and again and again.
#pragma once

#include <cstdint>

namespace flashstore::lilotafs {

// What a file needs, each counted as worst_size().
struct Demand {
  uint32_t bytes = 0;    // the new record
  uint32_t old = 0;      // the one it replaces; of a new *.bin as the original has it, not 0
  uint32_t live = 0;     // all files
  uint32_t largest = 0;  // of them

  bool grows() const { return bytes > old; }
  uint32_t largest_after() const { return bytes > largest ? bytes : largest; }
};

// Whether it can fit a partition of `size` bytes once all garbage is reclaimed.
bool could_fit(uint32_t size, const Demand& demand);

// Whether it then does, wherever in the ring the files come to lie. What fits one partition fits
// all larger ones.
bool always_fits(uint32_t size, const Demand& demand);

}  // namespace flashstore::lilotafs
