// Walks the packed line map of a function (FORMAT.md, "Line map"), entry by entry.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace flashstore::luaflash {

class LineRuns {
 public:
  // The map ends at its NUL, or with `limit` bytes if there is none among them. Its memory is the
  // caller's.
  explicit LineRuns(const uint8_t* map, size_t limit = SIZE_MAX) : map_(map), limit_(limit) {}

  // Goes to the next entry. false: there is none, because the map ends here, or because it is
  // flawed().
  bool next();

  uint32_t line() const { return line_; }    // of the entry; deltas wrap at 32 bits
  uint32_t count() const { return count_; }  // of its instructions, 1 to kLineMaxCount

  size_t read() const { return at_; }  // bytes so far

  // Whether the last next() met what is no entry: no count behind a delta, one too high, or a delta
  // of more than 32 bits.
  bool flawed() const { return flawed_; }

 private:
  uint32_t byte() const { return at_ < limit_ ? map_[at_] : 0; }

  const uint8_t* map_;
  size_t limit_;
  size_t at_ = 0;
  uint32_t line_ = 0;
  uint32_t count_ = 0;
  bool flawed_ = false;
};

// The bytes of an entry.
class LineRun {
 public:
  // `count` instructions (1 to kLineMaxCount) on `line`, behind an entry for `previous`, which is 0
  // for the first.
  LineRun(uint32_t previous, uint32_t line, uint32_t count);

  std::span<const uint8_t> bytes() const { return std::span(bytes_).first(size_); }

 private:
  void add_delta(uint32_t sign, uint32_t value);

  std::array<uint8_t, 6> bytes_;  // of a delta of 32 bits, and the count
  size_t size_ = 0;
};

}  // namespace flashstore::luaflash
