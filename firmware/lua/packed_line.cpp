// Line maps for Lua's core: C++ for the sake of their one reader and writer.
#include <algorithm>

extern "C" {
#include "ldebug.h"
}
#include "lrom.h"
#include "luaflash/format.h"
#include "luaflash/line_runs.h"

extern "C" int luaR_packedline(const unsigned char* map, int pc) {
  flashstore::luaflash::LineRuns runs(map);
  auto before = static_cast<uint32_t>(pc);  // instructions, of those the entries stand for
  while (runs.next()) {
    if (before < runs.count()) {
      return static_cast<int>(runs.line());
    }
    before -= runs.count();
  }
  return 0;
}

extern "C" void luaR_unpacklines(const unsigned char* map, int* lines, int instructions) {
  flashstore::luaflash::LineRuns runs(map);
  int pc = 0;
  while (pc < instructions && runs.next()) {
    const int end = pc + std::min(static_cast<int>(runs.count()), instructions - pc);
    std::fill(lines + pc, lines + end, static_cast<int>(runs.line()));
    pc = end;
  }
  std::fill(lines + pc, lines + instructions, 0);
}

extern "C" int luaR_packrun(const Proto* function, int* pc, int* line, unsigned char* run) {
  const int begin = *pc;
  const int limit = begin + static_cast<int>(flashstore::luaflash::kLineMaxCount);
  const int previous = *line;
  *line = getline(function, begin);
  do {
    ++*pc;
  } while (*pc < function->sizecode && *pc < limit && getline(function, *pc) == *line);
  const flashstore::luaflash::LineRun packed(static_cast<uint32_t>(previous),
                                             static_cast<uint32_t>(*line),
                                             static_cast<uint32_t>(*pc - begin));
  std::copy(packed.bytes().begin(), packed.bytes().end(), run);
  return static_cast<int>(packed.bytes().size());
}
