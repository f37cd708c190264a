#include "support/virtual_chip/pty.h"

#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "support/virtual_chip/line_speed.h"

namespace flashstore::virtual_chip {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

Pty::Pty() : master_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)) {
  if (master_ < 0 || grantpt(master_) != 0 || unlockpt(master_) != 0) {
    fail("no pseudo-terminal");
  }
  name_ = ptsname(master_);
  const int client = open(name_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  termios settings{};
  if (client < 0 || tcgetattr(client, &settings) != 0) {
    fail("pseudo-terminal");
  }
  cfmakeraw(&settings);
  cfsetspeed(&settings, B115200);
  if (tcsetattr(client, TCSANOW, &settings) != 0) {
    fail("pseudo-terminal");
  }
  close(client);
}

Pty::~Pty() {
  close(master_);
}

uint32_t Pty::baud() const {
  return line_speed(master_);
}

Bytes Pty::read() {
  Bytes bytes;
  std::array<uint8_t, 4096> block;
  ssize_t got = 0;
  while ((got = ::read(master_, block.data(), block.size())) > 0) {
    bytes.insert(bytes.end(), block.begin(), block.begin() + got);
  }
  return bytes;
}

void Pty::write(std::span<const uint8_t> bytes) {
  waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
  while (!waiting_.empty()) {
    const ssize_t put = ::write(master_, waiting_.data(), waiting_.size());
    if (put <= 0) {
      return;
    }
    waiting_.erase(waiting_.begin(), waiting_.begin() + put);
  }
}

void Pty::forget_waiting() {
  waiting_.clear();
}

}  // namespace flashstore::virtual_chip
