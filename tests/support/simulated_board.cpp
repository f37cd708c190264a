#include "support/simulated_board.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

namespace flashstore::test {

SimulatedBoard::SimulatedBoard(const std::string& flash, const std::vector<std::string>& options) {
  std::vector<std::string> words = {FLASHSTORE_SIM, "--flash", flash, "--pty"};
  words.insert(words.end(), options.begin(), options.end());
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0 || (process_ = fork()) < 0) {
    throw std::runtime_error("no process");
  }
  if (process_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(ends[1], STDERR_FILENO);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  close(ends[1]);
  std::string said;
  char byte = 0;
  while (read(ends[0], &byte, 1) == 1 && byte != '\n') {
    said += byte;
  }
  close(ends[0]);
  const size_t name = said.find("/dev/");
  if (name == std::string::npos) {
    unplug();
    throw std::runtime_error("no simulator: " + said);
  }
  port_ = said.substr(name);
}

void SimulatedBoard::unplug() {
  if (process_ > 0) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    process_ = 0;
  }
}

}  // namespace flashstore::test
