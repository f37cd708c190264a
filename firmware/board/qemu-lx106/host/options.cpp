#include "board/qemu-lx106/host/options.h"

#include <getopt.h>

#include <cerrno>
#include <cstdlib>
#include <limits>

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

namespace {

constexpr const char* kSeeHelp = "flashstore-lx106 --help lists the options";

[[noreturn]] void usage(const std::string& message) {
  throw Failure{board::kUsage, message, kSeeHelp};
}

uint32_t parse_number(const std::string& option, const char* text) {
  char* end = nullptr;
  errno = 0;
  unsigned long long value = *text >= '0' && *text <= '9' ? std::strtoull(text, &end, 0) : 0;
  const std::string unit = end == nullptr ? text : end;
  if (unit == "K" || unit == "KiB") {
    value <<= 10;
  } else if (unit == "M" || unit == "MiB") {
    value <<= 20;
  }
  const bool is_unit = unit.empty() || unit == "K" || unit == "KiB" || unit == "M" || unit == "MiB";
  if (end == nullptr || !is_unit || errno != 0 || value >= std::numeric_limits<uint32_t>::max()) {
    usage(option + " " + text + ": not a number");
  }
  return static_cast<uint32_t>(value);
}

}  // namespace

Options parse_options(int argc, char** argv) {
  static const option kLong[] = {
      {"flash", required_argument, nullptr, 'f'},
      {"size", required_argument, nullptr, 'z'},
      {"cut-after", required_argument, nullptr, 'c'},
      {"stale-cache", no_argument, nullptr, 'a'},
      {"heap", required_argument, nullptr, 'm'},
      {"report", required_argument, nullptr, 'r'},
      {"help", no_argument, nullptr, 'h'},
      {nullptr, 0, nullptr, 0},
  };
  Options options;
  opterr = 0;
  int what = 0;
  while ((what = getopt_long(argc, argv, "+:", kLong, nullptr)) != -1) {
    switch (what) {
      case 'f':
        options.flash = optarg;
        break;
      case 'z':
        options.size = parse_number("--size", optarg);
        break;
      case 'c':
        options.cut_after = parse_number("--cut-after", optarg);
        break;
      case 'a':
        break;
      case 'm':
        options.heap = parse_number("--heap", optarg);
        break;
      case 'r':
        options.report = optarg;
        break;
      case 'h':
        options.help = true;
        return options;
      case ':':
        usage(std::string("option '") + argv[optind - 1] + "' needs a value");
      default:
        usage(std::string("unknown option '") + argv[optind - 1] + "'");
    }
  }
  if (options.flash.empty()) {
    usage("no flash given");
  }
  if (argc - optind > 1) {
    usage("there is one console, and one script for it");
  }
  if (argc - optind == 1) {
    options.script = argv[optind];
  }
  return options;
}

}  // namespace flashstore::lx106
