// The first MiB of flash, mapped where the ESP8266 maps it.
#pragma once

#include <cstdint>
#include <span>

namespace flashstore::sim {

class FlashWindow {
 public:
  // Maps the window at its one address, erased (all 0xFF) and writable. Throws Failure if that
  // address is taken. There can be only one at a time.
  FlashWindow();
  ~FlashWindow();
  FlashWindow(const FlashWindow&) = delete;
  FlashWindow& operator=(const FlashWindow&) = delete;

  // From `address`, which lies in the window, to the window's end.
  std::span<uint8_t> from(uint32_t address) const;

  // From now on nothing may write to it.
  void seal();
};

}  // namespace flashstore::sim
