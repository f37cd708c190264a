// Why the simulator stops, and the exit status that says so. main prints it.
#pragma once

#include <stdexcept>
#include <string>

namespace flashstore::sim {

enum ExitStatus : int {
  kOk = 0,
  kProgramFailed = 1,  // the Lua program raised an error, ran out of memory, or is not in the image
  kUsage = 2,
  kEnvironment = 3,  // a file, the memory map, or an image that the device refuses
  kFlashStore = 88,  // something stored into mapped flash
};

struct Failure : std::runtime_error {
  Failure(ExitStatus status_, const std::string& message, std::string note_ = "")
      : std::runtime_error(message), status(status_), note(std::move(note_)) {}

  ExitStatus status;
  std::string note;  // the way out; may be empty
};

}  // namespace flashstore::sim
