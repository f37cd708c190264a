// luaR_packedline: C++ for the sake of the one reader of line maps.
#include "lrom.h"
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
