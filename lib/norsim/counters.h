// What a run asked of a chip. Calls matter more than time on the host: each is a transaction on
// the device's bus.
#pragma once

#include <cstdint>
#include <vector>

namespace flashstore::norsim {

struct Counters {
  uint64_t read_calls = 0;
  uint64_t read_bytes = 0;
  uint64_t program_calls = 0;
  uint64_t program_bytes = 0;
  uint64_t erases = 0;
  uint64_t erases_of_blank = 0;         // those among `erases` that changed nothing
  std::vector<uint32_t> sector_erases;  // of each sector; they add up to `erases`
};

// More than this is taken for a run that does not end.
struct Budget {
  uint64_t read_calls = UINT64_MAX;
  uint64_t read_bytes = UINT64_MAX;
  uint64_t program_bytes = UINT64_MAX;
  uint64_t erases = UINT64_MAX;
};

}  // namespace flashstore::norsim
