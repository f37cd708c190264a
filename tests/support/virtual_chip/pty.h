// The chip's end of a pseudo-terminal.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "support/virtual_chip/slip.h"

namespace flashstore::virtual_chip {

class Pty {
 public:
  // Raw, at 115,200 Bd, and closed at the client's end. Throws std::system_error.
  Pty();
  Pty(const Pty&) = delete;
  Pty& operator=(const Pty&) = delete;
  ~Pty();

  // What a client opens.
  const std::string& name() const { return name_; }
  int descriptor() const { return master_; }

  // The rate the client has set.
  uint32_t baud() const;
  // What the client has sent by now.
  Bytes read();
  // Sends what the line takes now; the rest waits. Nothing is kept for a client that has gone.
  void write(std::span<const uint8_t> bytes);
  bool has_waiting() const { return !waiting_.empty(); }
  void forget_waiting();

 private:
  std::string name_;
  int master_;
  Bytes waiting_;
};

}  // namespace flashstore::virtual_chip
