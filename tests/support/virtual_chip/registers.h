// The registers clients read and write: what tells one chip from another, its efuses, the UART's
// divider, and the SPI controller, through which they talk to the flash chip directly.
#pragma once

#include <array>
#include <cstdint>
#include <map>

#include "support/virtual_chip/protocol.h"
#include "support/virtual_chip/spi_flash.h"

namespace flashstore::virtual_chip {

using Mac = std::array<uint8_t, 6>;

class Registers {
 public:
  // The flash is the caller's.
  Registers(Kind kind, const Mac& mac, SpiFlash& flash);

  uint32_t read(uint32_t address) const;
  void write(uint32_t address, uint32_t value, uint32_t mask);
  void set_baud(uint32_t baud);
  void reset();

 private:
  // One address for what some clients know by another.
  uint32_t canonical(uint32_t address) const;
  void run_spi_command();

  Kind kind_;
  Mac mac_;
  SpiFlash& flash_;
  std::map<uint32_t, uint32_t> values_;  // others read as 0
};

}  // namespace flashstore::virtual_chip
