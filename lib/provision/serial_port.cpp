#include "provision/serial_port.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include "host/child.h"

namespace flashstore::provision {
namespace {

using std::chrono::milliseconds;

constexpr std::pair<uint32_t, speed_t> kSpeeds[] = {
    {9600, B9600},       {19200, B19200},    {38400, B38400},     {57600, B57600},
    {115200, B115200},   {230400, B230400},  {460800, B460800},   {500000, B500000},
    {576000, B576000},   {921600, B921600},  {1000000, B1000000}, {1500000, B1500000},
    {2000000, B2000000}, {3000000, B3000000}};

constexpr milliseconds kResetPulse{100};
constexpr milliseconds kWritePatience{5000};
constexpr milliseconds kLook{100};  // between two looks whether a signal has come

std::optional<speed_t> speed_of(uint32_t baud) {
  for (const auto& [rate, speed] : kSpeeds) {
    if (rate == baud) {
      return speed;
    }
  }
  return std::nullopt;
}

Problem failed(const std::string& path, std::string id, std::string message, std::string hint) {
  return {host::kEnvironment, Diagnostic{.id = std::move(id),
                                         .message = std::move(message),
                                         .hint = std::move(hint),
                                         .file = path}};
}

Problem not_opened(const std::string& path, int error) {
  switch (error) {
    case EACCES:
    case EPERM:
      return failed(path, "port-denied", "the port may not be used",
                    "join the group that owns it: ls -l tells which");
    case EBUSY:
      return failed(path, "port-busy", "something else uses the port", "end it");
    case ENOENT:
      return failed(path, "port-missing", "there is no such port",
                    "look whether the board is plugged in, and where");
    default:
      return failed(path, "port-missing",
                    std::string("the port cannot be opened: ") + std::strerror(error),
                    "look whether the board is plugged in, and where");
  }
}

}  // namespace

core::Result<SerialPort, Problem> SerialPort::open(const std::string& path, uint32_t baud) {
  const auto speed = speed_of(baud);
  if (!speed) {
    return Problem{host::kUsage,
                   {.id = "baud", .message = "no line has " + std::to_string(baud) + " baud"}};
  }
  // Without O_NONBLOCK a line that waits for a carrier would not open.
  const int descriptor = ::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) {
    return not_opened(path, errno);
  }
  SerialPort port(path, descriptor);
  termios settings{};
  if (tcgetattr(descriptor, &settings) != 0) {
    return failed(path, "no-serial-port", "this is no serial port", "");
  }
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    return not_opened(path, EBUSY);
  }
  cfmakeraw(&settings);
  settings.c_cflag |= CLOCAL | CREAD;
  // The lines stay as they are when this ends: they could reset the board.
  settings.c_cflag &= ~static_cast<tcflag_t>(HUPCL | CRTSCTS | CSTOPB);
  if (cfsetspeed(&settings, *speed) != 0 || tcsetattr(descriptor, TCSANOW, &settings) != 0) {
    return failed(path, "baud", "the port does not have " + std::to_string(baud) + " baud", "");
  }
  return port;
}

SerialPort::SerialPort(SerialPort&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

SerialPort::~SerialPort() {
  if (descriptor_ >= 0) {
    close(descriptor_);
  }
}

Problem SerialPort::lost() const {
  return failed(path_, "line-lost", "the port is gone",
                "look at the cable; then the same again finishes it");
}

Problem SerialPort::interrupted() const {
  return {host::kNo, Diagnostic{.id = "interrupted", .message = "interrupted", .file = path_}};
}

core::Result<bool, Problem> SerialPort::wait(short what, milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (host::interrupted_by() == 0) {
    const auto left = std::chrono::ceil<milliseconds>(end - std::chrono::steady_clock::now());
    pollfd line{descriptor_, what, 0};
    // A signal may end the poll() of another thread.
    const int found = poll(&line, 1, static_cast<int>(std::clamp(left, {}, kLook).count()));
    if (found < 0 && errno != EINTR) {
      return lost();
    }
    if (found > 0 || left <= milliseconds(0)) {
      return found > 0;
    }
  }
  return interrupted();
}

core::Result<std::string, Problem> SerialPort::read(milliseconds patience) {
  const auto ready = wait(POLLIN, patience);
  if (!ready) {
    return ready.error();
  }
  if (!ready.value()) {
    return std::string();
  }
  std::array<char, 4096> block;
  const ssize_t got = ::read(descriptor_, block.data(), block.size());
  if (got > 0) {
    return std::string(block.data(), static_cast<size_t>(got));
  }
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
    return std::string();
  }
  return lost();
}

std::optional<Problem> SerialPort::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto ready = wait(POLLOUT, kWritePatience);
    if (!ready) {
      return ready.error();
    }
    if (!ready.value()) {
      return failed(path_, "line-stuck", "the port takes nothing any more",
                    "look at the cable, and what the adapter does");
    }
    const ssize_t put = ::write(descriptor_, bytes.data(), bytes.size());
    if (put < 0 && errno != EAGAIN && errno != EINTR) {
      return lost();
    }
    bytes.remove_prefix(put > 0 ? static_cast<size_t>(put) : 0);
  }
  return std::nullopt;
}

bool SerialPort::pulse_reset() {
  int lines = 0;
  if (ioctl(descriptor_, TIOCMGET, &lines) != 0) {
    return false;
  }
  lines &= ~TIOCM_DTR;
  lines |= TIOCM_RTS;
  if (ioctl(descriptor_, TIOCMSET, &lines) != 0) {
    return false;
  }
  std::this_thread::sleep_for(kResetPulse);
  tcflush(descriptor_, TCIFLUSH);  // of before
  lines &= ~TIOCM_RTS;
  return ioctl(descriptor_, TIOCMSET, &lines) == 0;
}

}  // namespace flashstore::provision
