// A serial line to a device, for one program at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "provision/problems.h"

namespace flashstore::provision {

class SerialPort {
 public:
  // Takes the port for itself, as esptool does. `baud` is one that lines have: 9600 to 3000000.
  // Reasons: port-missing, port-denied, port-busy, no-serial-port, baud.
  static core::Result<SerialPort, Problem> open(const std::string& path, uint32_t baud);

  SerialPort(SerialPort&& other) noexcept;
  SerialPort& operator=(SerialPort&&) = delete;
  ~SerialPort();

  const std::string& path() const { return path_; }

  // What comes within `patience`, at the first of it; empty: nothing. Reasons: line-lost, and
  // interrupted, where a host::Interruptible lives.
  core::Result<std::string, Problem> read(std::chrono::milliseconds patience);
  // Returns when all is on its way. Reasons: likewise, and line-stuck.
  std::optional<Problem> write(std::string_view bytes);

  // Resets a board that is wired as usual: RTS pulls the chip's reset, DTR its boot pin. false: the
  // port has no such lines; a pseudo-terminal has none.
  bool pulse_reset();

 private:
  SerialPort(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  Problem lost() const;
  Problem interrupted() const;
  // Until it is ready for `what`, of poll(). false: it was not.
  core::Result<bool, Problem> wait(short what, std::chrono::milliseconds patience);

  std::string path_;
  int descriptor_;
};

}  // namespace flashstore::provision
