// An ESP8266 or ESP32 as its serial line shows it.
#pragma once

#include <cstdint>
#include <span>

#include "support/virtual_chip/faults.h"
#include "support/virtual_chip/loader.h"
#include "support/virtual_chip/log.h"
#include "support/virtual_chip/registers.h"
#include "support/virtual_chip/spi_flash.h"

namespace flashstore::virtual_chip {

struct ChipOptions {
  Kind kind = Kind::kEsp8266;
  Mac mac = {0x5C, 0xCF, 0x7F, 0x00, 0x00, 0x01};
  bool has_app = false;
  Faults faults = {};
};

// A board pulls the boot pin low by a modem line, which pseudo-terminals do not have. What stands
// in for it: without an application the pin is always low, and every boot ends in the ROM's loader;
// with one it is high, and a client's first SYNC acts as if the pin had been pulled low before it.
class Chip {
 public:
  // Flash and log are the caller's. The power is on.
  Chip(const ChipOptions& options, SpiFlash& flash, Log& log);

  // Bytes from the client, whose side of the line runs at `baud`. At another rate than the chip's
  // they are noise; but the ROM adapts to its first SYNC.
  void receive(std::span<const uint8_t> bytes, uint32_t baud);
  // What the chip has sent since the last call.
  Bytes take_output();

  Mode mode() const { return loader_.mode(); }
  // In Mode::kApp: what is for the application.
  Bytes take_app_input();

  void power_cycle();

 private:
  void receive_frame(std::span<const uint8_t> frame);
  void receive_for_app(uint8_t byte);
  void carry_out(const Request& request);
  void note_mode(Mode before);
  bool hears(uint32_t baud);

  ChipOptions options_;
  SpiFlash& flash_;
  Log& log_;
  Registers registers_;
  Loader loader_;
  FaultCounter faults_;
  SlipDecoder decoder_;
  Bytes output_;
  Bytes app_input_;
  Bytes held_;  // from the application, as it may be a SYNC
  uint32_t line_baud_ = 0;
  bool synced_ = false;  // since the ROM's loader runs
  bool silent_ = false;
};

}  // namespace flashstore::virtual_chip
