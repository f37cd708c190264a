// What a script types on the console: its bytes, except for lines of its own that say how long to
// wait before going on. Time then passes at once, on boards that can do that.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace flashstore::board {

class Script {
 public:
  // The next byte of it, or -1 at the end.
  using Read = int (*)();

  constexpr explicit Script(Read read) : read_(read) {}

  // The next byte to be typed at time `now`, in microseconds as board::microseconds() counts them;
  // kNoInput while the script waits; kEndOfInput.
  int get(uint32_t now);

  // How long it still waits; 0: it does not.
  uint32_t waits(uint32_t now) const;

 private:
  void read_line();
  bool begin_wait(uint32_t now);

  Read read_;
  std::array<char, 64> line_{};  // the beginning of a line, or a later part of a long one
  size_t next_ = 0;
  size_t end_ = 0;
  bool at_line_start_ = true;
  uint32_t wait_begin_ = 0;
  uint32_t wait_ = 0;
};

}  // namespace flashstore::board
