// What runs on the chip when its loader does not: a program on the host, for example the simulator.
#pragma once

#include <sys/types.h>

#include <span>
#include <string>

#include "support/virtual_chip/slip.h"

namespace flashstore::virtual_chip {

// Input and output are those of the serial line. A program that ends is started again, as after a
// reset.
class App {
 public:
  // A command of the shell.
  explicit App(std::string command) : command_(std::move(command)) {}
  App(const App&) = delete;
  App& operator=(const App&) = delete;
  ~App() { stop(); }

  // Throw std::system_error.
  void start();
  void stop();
  bool is_running() const { return child_ > 0; }

  // To wait for its output with poll().
  int descriptor() const { return output_; }
  // Its output by now. Notices that the program has ended.
  Bytes read();
  void write(std::span<const uint8_t> bytes);

 private:
  std::string command_;
  pid_t child_ = 0;
  int input_ = -1;
  int output_ = -1;
};

}  // namespace flashstore::virtual_chip
