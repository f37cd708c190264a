// The first MiB of flash, mapped where the ESP8266 maps it.
#pragma once

#include <cstdint>
#include <span>

namespace flashstore::sim {

class FlashWindow {
 public:
  // Maps the window at its one address, erased (all 0xFF) and read-only. Throws Failure if that
  // address is taken. There can be only one at a time.
  FlashWindow();
  ~FlashWindow();
  FlashWindow(const FlashWindow&) = delete;
  FlashWindow& operator=(const FlashWindow&) = delete;

  // What the processor sees.
  std::span<const uint8_t> mapped() const;

  // The same bytes, to be changed.
  std::span<uint8_t> bytes() const { return bytes_; }

 private:
  std::span<uint8_t> bytes_;
};

}  // namespace flashstore::sim
