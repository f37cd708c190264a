#include "board/script.h"

#include <string_view>

#include "board/board.h"

namespace flashstore::board {

int Script::get(uint32_t now) {
  if (waits(now) > 0) {
    return kNoInput;
  }
  wait_ = 0;
  while (next_ == end_) {
    const bool at_line_start = at_line_start_;
    read_line();
    if (end_ == 0) {
      return kEndOfInput;
    }
    if (at_line_start && begin_wait(now)) {
      next_ = end_;
      return kNoInput;
    }
  }
  return static_cast<unsigned char>(line_[next_++]);
}

uint32_t Script::waits(uint32_t now) const {
  const uint32_t passed = now - wait_begin_;
  return passed < wait_ ? wait_ - passed : 0;
}

void Script::read_line() {
  next_ = end_ = 0;
  while (end_ < line_.size()) {
    const int byte = read_();
    if (byte < 0) {
      return;
    }
    line_[end_++] = static_cast<char>(byte);
    at_line_start_ = byte == '\n';
    if (at_line_start_) {
      return;
    }
  }
}

// "#wait N": that many milliseconds.
bool Script::begin_wait(uint32_t now) {
  constexpr std::string_view kWait = "#wait ";
  std::string_view line(line_.data(), end_);
  if (!line.starts_with(kWait)) {
    return false;
  }
  uint32_t milliseconds = 0;
  line.remove_prefix(kWait.size());
  for (const char digit : line) {
    if (digit < '0' || digit > '9') {
      break;
    }
    milliseconds = milliseconds * 10 + static_cast<uint32_t>(digit - '0');
  }
  wait_begin_ = now;
  wait_ = milliseconds * 1000;
  return true;
}

}  // namespace flashstore::board
