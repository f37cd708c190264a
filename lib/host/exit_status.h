// Exit statuses of all tools but luac.cross, which has those of the original.
#pragma once

namespace flashstore::host {

enum ExitStatus : int {
  kOk = 0,
  kNo = 1,           // the answer is no: invalid, does not fit, different
  kUsage = 2,        // of the command line
  kEnvironment = 3,  // a file cannot be read or written, memory is short
};

inline constexpr const char* kExitStatusHelp =
    "Exit status: 0 yes, done; 1 the answer is no, the file is not what it should be;\n"
    "2 usage; 3 a file cannot be read or written.";

}  // namespace flashstore::host
