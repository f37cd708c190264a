#include "options.h"

#include <getopt.h>

#include <cerrno>
#include <cstdlib>
#include <limits>
#include <optional>

#include "failure.h"

namespace flashstore::sim {

const char kHelp[] =
    R"(Usage: flashstore-sim --image FILE [options] MODULE [ARGUMENT...]
       flashstore-sim [--image FILE] [options] --script FILE [ARGUMENT...]

Runs Lua out of the flash of a simulated ESP8266. FILE is an absolute LFS image, made by luac.cross -a.
It is mapped read-only at its address; any store to it ends the program.

  --image FILE     the image
  --base ADDRESS   where it is mapped: a 4 KiB sector in 0x40200000-0x402fffff (default 0x40210000)
  --script FILE    run this Lua source, compiled into RAM, instead of a module of the image
  --heap BYTES     memory Lua can have; K and M may follow (default 4M)
  --help

Exit status: 0 the program ran to its end; 1 it failed (error and traceback on stderr); 2 usage;
3 a file, or an image the device refuses; 88 something stored into flash (address and pc on stderr).
)";

namespace {

constexpr uint32_t kSectorBytes = 4096;
constexpr const char* kSeeHelp = "flashstore-sim --help lists the options";

// Decimal, 0x or octal, with K, M, KiB or MiB (1024) behind it; nothing else may follow.
std::optional<uint32_t> parse_number(const char* text) {
  if (*text < '0' || *text > '9') {
    return std::nullopt;
  }
  char* end = nullptr;
  errno = 0;
  unsigned long long value = std::strtoull(text, &end, 0);
  const std::string unit = end;
  if (unit == "K" || unit == "KiB") {
    value <<= 10;
  } else if (unit == "M" || unit == "MiB") {
    value <<= 20;
  } else if (!unit.empty()) {
    return std::nullopt;
  }
  if (errno != 0 || value > std::numeric_limits<uint32_t>::max()) {
    return std::nullopt;
  }
  return static_cast<uint32_t>(value);
}

uint32_t parse_base(const char* text) {
  const std::optional<uint32_t> base = parse_number(text);
  if (!base || *base - luaflash::kFlashWindow >= luaflash::kFlashWindowBytes ||
      *base % kSectorBytes != 0) {
    throw Failure(kUsage, std::string("--base ") + text + ": not a sector in the flash window",
                  "a multiple of 0x1000 from 0x40200000 to 0x402ff000");
  }
  return *base;
}

size_t parse_heap(const char* text) {
  const std::optional<uint32_t> bytes = parse_number(text);
  if (!bytes || *bytes == 0) {
    throw Failure(kUsage, std::string("--heap ") + text + ": not a number of bytes",
                  "for example 44K");
  }
  return *bytes;
}

// The option that getopt stopped at.
[[noreturn]] void refuse(int what, char** argv) {
  const std::string option = argv[optind - 1];
  if (what == ':') {
    throw Failure(kUsage, "option '" + option + "' needs a value", kSeeHelp);
  }
  throw Failure(kUsage, "unknown option '" + option + "'", kSeeHelp);
}

}  // namespace

Options parse_options(int argc, char** argv) {
  static const option kLong[] = {
      {"image", required_argument, nullptr, 'i'},  {"base", required_argument, nullptr, 'b'},
      {"script", required_argument, nullptr, 's'}, {"heap", required_argument, nullptr, 'm'},
      {"help", no_argument, nullptr, 'h'},         {nullptr, 0, nullptr, 0},
  };
  Options options;
  opterr = 0;
  int what = 0;
  // '+': what follows the module is the module's; ':': a missing value is told apart.
  while ((what = getopt_long(argc, argv, "+:", kLong, nullptr)) != -1) {
    switch (what) {
      case 'i':
        options.image = optarg;
        break;
      case 'b':
        options.base = parse_base(optarg);
        break;
      case 's':
        options.script = optarg;
        break;
      case 'm':
        options.heap = parse_heap(optarg);
        break;
      case 'h':
        options.help = true;
        return options;
      default:
        refuse(what, argv);
    }
  }
  if (options.script.empty()) {
    if (options.image.empty()) {
      throw Failure(kUsage, "no image given", kSeeHelp);
    }
    if (optind == argc) {
      throw Failure(kUsage, "no module given", kSeeHelp);
    }
    options.module = argv[optind++];
  }
  options.arguments.assign(argv + optind, argv + argc);
  return options;
}

}  // namespace flashstore::sim
