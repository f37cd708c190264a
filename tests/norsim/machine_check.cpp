// The same cut leaves the same bytes in programs of 32 and of 64 bits: this is built as both.
#include <array>
#include <cstdio>
#include <cstdlib>

#include "core/crc32.h"
#include "norsim/flash.h"

namespace {

using namespace flashstore::norsim;

void require(bool condition, const char* what) {
  if (!condition) {
    std::fprintf(stderr, "violated: %s\n", what);
    std::exit(1);
  }
}

uint32_t crc_after(const char* id) {
  Flash flash(Contents(8192));
  std::array<uint8_t, 600> bytes{};
  require(flash.program(200, bytes), "programs");
  flash.cut_at(parse_cuts(id)->front());
  flash.reset_counters();
  require(!(flash.program(4000, bytes) && flash.erase(0)), "the power goes");
  std::vector<uint8_t> all(8192);
  require(Flash(flash.contents()).read(0, all), "reads");
  return flashstore::core::crc32(all);
}

}  // namespace

int main() {
  require(crc_after("1p1.77") == 0x73CE126F, "a page is done in the same disorder everywhere");
  require(crc_after("2u77") == 0x46AC1E19, "unstable bits are the same everywhere");
  return 0;
}
