// A bad serial line: another terminal in front of a device's, with something in between.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "support/virtual_chip/pty.h"

namespace flashstore::test {

class SerialRelay {
 public:
  // What becomes of bytes on their way; called on a thread of the relay's.
  using Change = std::function<std::string(std::string bytes)>;

  // `device` is the name of a terminal. Throws std::system_error.
  SerialRelay(const std::string& device, Change to_device, Change to_host);
  SerialRelay(const SerialRelay&) = delete;
  SerialRelay& operator=(const SerialRelay&) = delete;
  ~SerialRelay();

  const std::string& port() const { return pty_.name(); }

 private:
  void run();

  Change to_device_;
  Change to_host_;
  virtual_chip::Pty pty_;
  int device_;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

}  // namespace flashstore::test
