#include "support/virtual_chip/app.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace flashstore::virtual_chip {

void App::start() {
  if (is_running()) {
    return;
  }
  int in[2];
  int out[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "no pipe");
  }
  child_ = fork();
  if (child_ < 0) {
    throw std::system_error(errno, std::generic_category(), "no process");
  }
  if (child_ == 0) {
    setpgid(0, 0);
    if (dup2(in[0], STDIN_FILENO) >= 0 && dup2(out[1], STDOUT_FILENO) >= 0) {
      execl("/bin/sh", "sh", "-c", command_.c_str(), nullptr);
    }
    _exit(127);
  }
  setpgid(child_, child_);
  close(in[0]);
  close(out[1]);
  input_ = in[1];
  output_ = out[0];
  fcntl(input_, F_SETFL, O_NONBLOCK);
  fcntl(output_, F_SETFL, O_NONBLOCK);
}

void App::stop() {
  if (!is_running()) {
    return;
  }
  close(input_);
  close(output_);
  input_ = output_ = -1;
  kill(-child_, SIGKILL);
  waitpid(child_, nullptr, 0);
  child_ = 0;
}

Bytes App::read() {
  Bytes bytes;
  std::array<uint8_t, 4096> block;
  ssize_t got = 0;
  while ((got = ::read(output_, block.data(), block.size())) > 0) {
    bytes.insert(bytes.end(), block.begin(), block.begin() + got);
  }
  if (got == 0) {
    stop();
  }
  return bytes;
}

void App::write(std::span<const uint8_t> bytes) {
  // A pipe holds more than anyone types; what a program does not read, its chip would lose too.
  if (is_running() && !bytes.empty()) {
    [[maybe_unused]] const ssize_t put = ::write(input_, bytes.data(), bytes.size());
  }
}

}  // namespace flashstore::virtual_chip
