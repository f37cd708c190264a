// board.h for the simulator.
#include "board/board.h"

#include "board/network.h"
#include "console.h"
#include "machine.h"

namespace flashstore::board {

core::NorFlash& flash() {
  return sim::machine().chip;
}

std::span<const uint8_t> mapped() {
  return sim::machine().chip.window().mapped();
}

void invalidate(uint32_t address, uint32_t bytes) {
  sim::machine().chip.invalidate(address, bytes);
}

void put(std::string_view text) {
  if (!sim::machine().mute) {
    sim::console_put(text);
  }
}

int get() {
  return sim::console_get();
}

uint32_t microseconds() {
  return sim::clock_microseconds();
}

void idle(uint32_t longest) {
  sim::clock_idle(longest);
}

Network* network() {
  auto& network = sim::machine().network;
  return network ? &*network : nullptr;
}

ResetReason reset_reason() {
  return sim::machine().reason;
}

void reset(ResetReason reason) {
  sim::stop_reset(reason);
}

void power_off() {
  sim::stop(kOk);
}

uint32_t retained() {
  return sim::machine().retained.word;
}

void retain(uint32_t word) {
  sim::machine().retained.word = word;
}

std::span<uint8_t> heap() {
  return sim::machine().heap;
}

}  // namespace flashstore::board
