// Why a board does not run, or stops, and the exit status that says so. main prints it.
#pragma once

#include <stdexcept>
#include <string>

#include "board/exit_status.h"

namespace flashstore::board {

struct Failure : std::runtime_error {
  Failure(ExitStatus status_, const std::string& message, std::string note_ = "")
      : std::runtime_error(message), status(status_), note(std::move(note_)) {}

  ExitStatus status;
  std::string note;  // the way out; may be empty
};

// Prints it as "PROGRAM: error: ..." and "PROGRAM: note: ..." on stderr; returns the exit status.
ExitStatus report(const char* program, const Failure& failure);

}  // namespace flashstore::board
