// Runs programs the way a shell does, for tests of command lines.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace flashstore::test {

struct ProcessResult {
  int exit_status = -1;  // 128 + signal number if a signal ended it
  std::string out;
  std::string err;
};

struct ProcessOptions {
  std::string directory;                           // working directory; empty: the test's own
  std::map<std::string, std::string> environment;  // added to the test's own
  std::string input;                               // standard input
  unsigned seconds = 60;                           // what takes longer is killed
};

// Runs `words[0]` (a path, or a name looked up in PATH) to its end. Throws std::runtime_error if
// the process cannot be had at all.
ProcessResult run_process(const std::vector<std::string>& words,
                          const ProcessOptions& options = {});

}  // namespace flashstore::test
