// A chip at its terminal: what a client meets, until it is told to end.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "support/virtual_chip/app.h"
#include "support/virtual_chip/chip.h"
#include "support/virtual_chip/pty.h"

namespace flashstore::virtual_chip {

// A client that closes the terminal takes the power off the chip; it comes on when the next opens
// it. A chip that runs its application goes on with it: then only the client left.
class Board {
 public:
  // `app`: the command that is the application; empty: there is none, as ChipOptions has it.
  Board(Chip& chip, const std::string& app);

  const std::string& terminal() const { return pty_.name(); }
  // Until `ended` is true; asked every few milliseconds.
  void run(const std::function<bool()>& ended);

 private:
  using Clock = std::chrono::steady_clock;

  void wait();
  void open();
  void hang_up();
  void exchange();
  void run_app();

  Chip& chip_;
  std::optional<App> app_;
  Pty pty_;
  bool is_open_ = false;
  bool hung_up_ = true;
  bool was_loader_ = false;  // when the power went
  Clock::time_point app_starts_;
};

}  // namespace flashstore::virtual_chip
