// The simulated board as a whole. There is one in the process.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "chip.h"
#include "network.h"
#include "stop.h"

namespace flashstore::sim {

struct Machine {
  Machine(const ChipOptions& options, size_t heap_bytes)
      : retained(load_retained(options.file.empty() ? "" : options.file + ".retained")),
        reason(retained.reason),
        chip(options),
        heap(heap_bytes) {}

  Retained& retained;
  board::ResetReason reason;  // why it started
  Chip chip;
  std::vector<uint8_t> heap;
  std::optional<HostNetwork> network;
  bool mute = false;  // nothing is printed
};

Machine& machine();

// The first call makes it.
Machine& make_machine(const ChipOptions& options, size_t heap_bytes);

}  // namespace flashstore::sim
