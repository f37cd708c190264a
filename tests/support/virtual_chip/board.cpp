#include "support/virtual_chip/board.h"

#include <poll.h>

#include <algorithm>
#include <thread>

namespace flashstore::virtual_chip {
namespace {

using std::chrono::milliseconds;

// From reset to the first output of the application. A client that wants the loader is faster.
constexpr milliseconds kBootTime{300};
constexpr milliseconds kPatience{20};
constexpr milliseconds kClosedPause{2};

}  // namespace

Board::Board(Chip& chip, const std::string& app) : chip_(chip) {
  if (!app.empty()) {
    app_.emplace(app);
  }
}

void Board::run(const std::function<bool()>& ended) {
  while (!ended()) {
    wait();
    if (is_open_) {
      exchange();  // also what a client sent before it went
    }
    if (hung_up_ && is_open_) {
      hang_up();
    }
    run_app();
  }
}

void Board::wait() {
  pollfd lines[] = {{pty_.descriptor(), POLLIN, 0}, {-1, POLLIN, 0}};
  if (is_open_ && pty_.has_waiting()) {
    lines[0].events |= POLLOUT;
  }
  if (app_ && app_->is_running()) {
    lines[1].fd = app_->descriptor();
  }
  poll(lines, std::size(lines), kPatience.count());
  hung_up_ = (lines[0].revents & POLLHUP) != 0;
  if (hung_up_ && !is_open_) {
    std::this_thread::sleep_for(kClosedPause);  // poll() returns at once as long as it is closed
  } else if (!hung_up_ && !is_open_) {
    open();
  }
}

void Board::open() {
  is_open_ = true;
  // A client of the loader calls again and again, and may be slow to speak. In between a board
  // stays in its loader: no application may write into the flash that is being written.
  app_starts_ = was_loader_ ? Clock::time_point::max() : Clock::now() + kBootTime;
}

void Board::hang_up() {
  is_open_ = false;
  pty_.forget_waiting();
  was_loader_ = chip_.mode() != Mode::kApp;
  if (was_loader_ || !app_) {
    chip_.power_cycle();
  }
}

void Board::exchange() {
  if (const Bytes bytes = pty_.read(); !bytes.empty()) {
    if (bytes.front() != kSlipEnd) {
      app_starts_ = std::min(app_starts_, Clock::now());
    }
    chip_.receive(bytes, pty_.baud());
  }
  const Bytes output = chip_.take_output();
  if (is_open_ && !hung_up_) {
    pty_.write(output);
  }
}

void Board::run_app() {
  if (!app_) {
    return;
  }
  if (chip_.mode() != Mode::kApp) {
    app_->stop();
    return;
  }
  if (!app_->is_running() && is_open_ && Clock::now() >= app_starts_) {
    app_->start();
    app_starts_ = Clock::now() + kBootTime;
  }
  if (!app_->is_running()) {
    return;
  }
  app_->write(chip_.take_app_input());
  const Bytes output = app_->read();
  if (is_open_ && !hung_up_) {
    pty_.write(output);
  }
}

}  // namespace flashstore::virtual_chip
