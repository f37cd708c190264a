// A stub's way to send flash: frames as fast as the client confirms them, then their MD5.
#pragma once

#include <cstdint>
#include <span>

#include "support/virtual_chip/slip.h"
#include "support/virtual_chip/spi_flash.h"

namespace flashstore::virtual_chip {

class FlashReader {
 public:
  // The flash is the caller's.
  explicit FlashReader(SpiFlash& flash) : flash_(flash) {}

  void begin(uint32_t offset, uint32_t bytes, uint32_t block_bytes, uint32_t in_flight);
  bool is_active() const { return active_; }
  void stop() { active_ = false; }

  // Appends to `line` what may go now.
  void send(Bytes& line);
  // The client has got so many bytes of all.
  void confirm(std::span<const uint8_t> frame);

 private:
  SpiFlash& flash_;
  bool active_ = false;
  uint32_t offset_ = 0;
  uint32_t bytes_ = 0;
  uint32_t block_bytes_ = 0;
  uint32_t in_flight_ = 0;  // blocks
  uint32_t sent_ = 0;
  uint32_t confirmed_ = 0;
};

}  // namespace flashstore::virtual_chip
