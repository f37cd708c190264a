// The packed line map of a function (luaflash/FORMAT.md, "Line map").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flashstore::luac {

// Builds a line map from the compiler's events.
//
// A map is not canonical: where a line is changed after its instruction was emitted, the entry of
// the line before is not extended, even if it names the same line. Images of the original compiler
// have these entries, so the order of events counts.
class LineMapBuilder {
 public:
  // Instruction `pc` is on `line` (>= 0). `pc` is that of the next instruction, or that of the last
  // one, whose line is then changed.
  void set_line(size_t pc, uint32_t line);

  // The map, without its NUL. Empty if there was no instruction.
  std::string pack() const;

 private:
  struct Entry {
    uint32_t line;
    uint32_t count;
  };

  uint32_t last_line() const { return entries_.empty() ? 0 : entries_.back().line; }

  std::vector<Entry> entries_;
  size_t instructions_ = 0;
};

// How many instructions the entries of `map` stand for; 0 if what it holds is no line map.
size_t mapped_instructions(std::string_view map);

// The line of each of `instructions` instructions. Empty for an empty map. Instructions the map
// does not reach, as a damaged one may not, are on line 0.
std::vector<uint32_t> unpack_line_map(std::string_view map, size_t instructions);

}  // namespace flashstore::luac
