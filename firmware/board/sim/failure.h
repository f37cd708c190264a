// Why the simulator stops, and the exit status that says so. main prints it.
#pragma once

#include <stdexcept>
#include <string>

#include "board/exit_status.h"

namespace flashstore::sim {

struct Failure : std::runtime_error {
  Failure(board::ExitStatus status_, const std::string& message, std::string note_ = "")
      : std::runtime_error(message), status(status_), note(std::move(note_)) {}

  board::ExitStatus status;
  std::string note;  // the way out; may be empty
};

}  // namespace flashstore::sim
