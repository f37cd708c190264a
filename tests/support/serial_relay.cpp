#include "support/serial_relay.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace flashstore::test {

SerialRelay::SerialRelay(const std::string& device, Change to_device, Change to_host)
    : to_device_(std::move(to_device)),
      to_host_(std::move(to_host)),
      device_(open(device.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)) {
  if (device_ < 0) {
    throw std::system_error(errno, std::generic_category(), device);
  }
  thread_ = std::thread([this] { run(); });
}

SerialRelay::~SerialRelay() {
  ended_ = true;
  thread_.join();
  close(device_);
}

void SerialRelay::run() {
  while (!ended_) {
    pollfd lines[] = {{pty_.descriptor(), POLLIN, 0}, {device_, POLLIN, 0}};
    poll(lines, std::size(lines), 10);
    if ((lines[0].revents & POLLHUP) != 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));  // until a client opens it
    }
    if (const virtual_chip::Bytes bytes = pty_.read(); !bytes.empty()) {
      const std::string text = to_device_({bytes.begin(), bytes.end()});
      [[maybe_unused]] const ssize_t put = write(device_, text.data(), text.size());
    }
    std::array<char, 4096> block;
    const ssize_t got = read(device_, block.data(), block.size());
    const std::string text =
        to_host_(got > 0 ? std::string(block.data(), static_cast<size_t>(got)) : "");
    if ((lines[0].revents & POLLHUP) == 0) {
      pty_.write({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
    }
  }
}

}  // namespace flashstore::test
