#include "board/qemu-lx106/host/options.h"

namespace flashstore::lx106 {

const char kHelp[] = R"(Usage: flashstore-lx106 --flash FILE [options] [SCRIPT]

Boots an emulated ESP8266 from FILE, the content of its flash; SCRIPT is typed on its console, otherwise
that is this terminal. A chip without firmware is given one. What a reset leaves, besides flash, is kept
in FILE.retained.

  --flash FILE     made if it does not exist
  --size BYTES     of a new chip (default 4M; K and M may follow)
  --heap BYTES     memory Lua can have (default 44K)
  --cut-after N    the power goes instead of the program or erase that follows N others
  --stale-cache    mapped flash shows changes only when it must: always so
  --report FILE    write counts of the run there, a line each
  --help

Exit status: 0 no more input; 1 the program failed; 2 usage; 3 a file, or no firmware in flash; 16 power
cut; 18 reset after a fault; 20 restart; 87 a rule of flash was broken; 88 something stored into mapped
flash or read a part of a word from it (address and pc on stderr).
)";

Options parse_options(int argc, char** argv) {
  const board::OptionReader reader("flashstore-lx106", {});
  Options options;
  reader.read(argc, argv, options.device, [](int, const char*) {});
  if (options.device.help) {
    return options;
  }
  if (options.device.flash.empty()) {
    reader.refuse("no flash given");
  }
  if (argc - optind > 1) {
    reader.refuse("there is one console, and one script for it");
  }
  if (argc - optind == 1) {
    options.script = argv[optind];
  }
  return options;
}

}  // namespace flashstore::lx106
