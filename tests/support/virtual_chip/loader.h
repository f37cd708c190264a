// The commands of the loader in ROM and of the stub that clients put into RAM.
#pragma once

#include <cstdint>
#include <span>

#include "support/virtual_chip/flash_reader.h"
#include "support/virtual_chip/flash_writer.h"
#include "support/virtual_chip/protocol.h"
#include "support/virtual_chip/registers.h"
#include "support/virtual_chip/spi_flash.h"

namespace flashstore::virtual_chip {

class Loader {
 public:
  static constexpr uint32_t kBootBaud = 115'200;

  // Registers and flash are the caller's.
  Loader(Kind kind, Registers& registers, SpiFlash& flash)
      : kind_(kind), registers_(registers), flash_(flash), writer_(flash), reader_(flash) {}

  // Carries out a request; the replies are appended to `line`.
  void handle(const Request& request, Bytes& line);
  // Says no to a request and does nothing.
  void refuse(Op op, Refusal refusal, Bytes& line);

  // While flash is read, frames are confirmations.
  FlashReader& reader() { return reader_; }

  Mode mode() const { return mode_; }
  // At which the next bytes are understood and sent.
  uint32_t baud() const { return baud_; }
  void set_baud(uint32_t baud);
  // As after power came: the loader in ROM, or the application.
  void boot(Mode mode);

 private:
  bool is_stub() const { return mode_ == Mode::kStub; }
  void reply(const Request& request, Bytes& line, Refusal refusal = Refusal::kNone,
             std::span<const uint8_t> data = {}, uint32_t value = 0);

  void sync(const Request& request, Bytes& line);
  Refusal write_registers(const Request& request);
  void start_memory(const Request& request, Bytes& line);
  void erase_by_rom(uint32_t offset, uint32_t bytes);
  Refusal begin_flash(const Request& request, bool deflated);
  void write_flash(const Request& request, Bytes& line);
  void end_flash(const Request& request, Bytes& line);
  Refusal erase_region(const Request& request);
  void read_slowly(const Request& request, Bytes& line);
  void digest(const Request& request, Bytes& line);
  void start_reading(const Request& request, Bytes& line);
  void change_baud(const Request& request, Bytes& line);

  Kind kind_;
  Registers& registers_;
  SpiFlash& flash_;
  FlashWriter writer_;
  FlashReader reader_;
  Mode mode_ = Mode::kRom;
  uint32_t baud_ = kBootBaud;
  Refusal late_ = Refusal::kNone;  // of a block that was confirmed before it was written
};

}  // namespace flashstore::virtual_chip
