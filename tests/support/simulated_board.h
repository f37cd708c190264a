// flashstore-sim with its console on a terminal of its own, for tests of what talks to boards.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace flashstore::test {

class SimulatedBoard {
 public:
  // Boots the chip whose content is in the file `flash`. Throws std::runtime_error.
  explicit SimulatedBoard(const std::string& flash, const std::vector<std::string>& options = {});
  SimulatedBoard(const SimulatedBoard&) = delete;
  SimulatedBoard& operator=(const SimulatedBoard&) = delete;
  ~SimulatedBoard() { unplug(); }

  // What a client opens.
  const std::string& port() const { return port_; }
  // Ends it, wherever it is.
  void unplug();

 private:
  std::string port_;
  pid_t process_ = 0;
};

}  // namespace flashstore::test
