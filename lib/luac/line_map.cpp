#include "luac/line_map.h"

#include <algorithm>

#include "luaflash/format.h"
#include "luaflash/line_runs.h"

namespace flashstore::luac {
namespace {

using namespace luaflash;

LineRuns runs_of(std::string_view map) {
  return LineRuns(reinterpret_cast<const uint8_t*>(map.data()), map.size());
}

}  // namespace

void LineMapBuilder::set_line(size_t pc, uint32_t line) {
  if (pc == 0) {
    entries_.clear();
    instructions_ = 0;
  }
  if (pc == instructions_) {
    ++instructions_;
    if (!entries_.empty() && entries_.back().line == line &&
        entries_.back().count < kLineMaxCount) {
      ++entries_.back().count;
    } else {
      entries_.push_back({line, 1});
    }
    return;
  }
  if (line == last_line()) {
    return;
  }
  if (--entries_.back().count == 0) {
    entries_.pop_back();
  }
  entries_.push_back({line, 1});
}

std::string LineMapBuilder::pack() const {
  std::string map;
  uint32_t previous = 0;
  for (const Entry& entry : entries_) {
    const LineRun run(previous, entry.line, entry.count);
    map.append(run.bytes().begin(), run.bytes().end());
    previous = entry.line;
  }
  return map;
}

size_t mapped_instructions(std::string_view map) {
  size_t instructions = 0;
  LineRuns runs = runs_of(map);
  while (runs.next()) {
    instructions += runs.count();
  }
  return runs.flawed() ? 0 : instructions;
}

std::vector<uint32_t> unpack_line_map(std::string_view map, size_t instructions) {
  std::vector<uint32_t> lines;
  if (map.empty()) {
    return lines;
  }
  lines.reserve(instructions);
  LineRuns runs = runs_of(map);
  while (runs.next()) {
    lines.insert(lines.end(), std::min<size_t>(runs.count(), instructions - lines.size()),
                 runs.line());
  }
  lines.resize(instructions, 0);
  return lines;
}

}  // namespace flashstore::luac
