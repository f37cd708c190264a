#include "options.h"

#include <getopt.h>

#include <cerrno>
#include <cstdlib>
#include <limits>
#include <optional>

#include "failure.h"

namespace flashstore::sim {

const char kHelp[] =
    R"(Usage: flashstore-sim --flash FILE [options] [SCRIPT]
       flashstore-sim --image FILE [options] MODULE [ARGUMENT...]
       flashstore-sim [--image FILE] [options] --script FILE [ARGUMENT...]

A simulated ESP8266. With --flash it boots from the flash chip whose content is in FILE, and is used
over its console: stdin and stdout, or SCRIPT, whose lines are typed in; "#wait 1500" waits so many
milliseconds. It runs until there is no more input, or until it is reset; what it knows then is in FILE,
and one word in FILE.retained.

With --image or --script it runs one program on a device of its own. The image is an absolute one, made
by luac.cross -a. Either way mapped flash is read-only: any store to it ends the process.

  --flash FILE     content of the flash chip; made if it does not exist
  --size BYTES     of a chip that is made (default 4M); K and M may follow
  --pty            the console is a terminal of its own, whose name is printed; the device starts again
                   after each reset
  --net[=OFFSET]   sockets are the host's, on 127.0.0.1; otherwise the device's programs reach one another
                   alone. OFFSET is added to ports below 1024; without it, all ports are chosen by the
                   host. Which are whose stands on stderr. Time passes as it does, also in a script
  --cut-after N    the power goes instead of program or erase number N (from 0)
  --stale-cache    mapped flash shows what was programmed only after its cache was invalidated
  --image FILE     the image
  --base ADDRESS   where it is mapped: a 4 KiB sector in 0x40200000-0x402fffff (default 0x40210000)
  --script FILE    run this Lua source, compiled into RAM, instead of a module of the image
  --heap BYTES     memory Lua can have (default 44K; for one program 4M)
  --report FILE    write counts of the run there, a line each
  --help

Exit status: 0 no more input, or the program ran to its end; 1 it failed (error and traceback on stderr);
2 usage; 3 a file, or an image the device refuses; 16 power cut; 18 reset after a fault; 20 restart;
87 a rule of flash was broken; 88 something stored into flash (address and pc on stderr).
)";

namespace {

constexpr uint32_t kSectorBytes = 4096;
constexpr uint32_t kMaxHeapBytes = uint32_t{1} << 30;  // an address space of 32 bits has more
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
    throw Failure(board::kUsage,
                  std::string("--base ") + text + ": not a sector in the flash window",
                  "a multiple of 0x1000 from 0x40200000 to 0x402ff000");
  }
  return *base;
}

uint32_t parse_bytes(const char* option, const char* text, const char* example) {
  const std::optional<uint32_t> bytes = parse_number(text);
  if (!bytes || *bytes == 0) {
    throw Failure(board::kUsage, std::string(option) + " " + text + ": not a number of bytes",
                  std::string("for example ") + example);
  }
  return *bytes;
}

uint32_t parse_heap(const char* text) {
  const uint32_t bytes = parse_bytes("--heap", text, "44K");
  if (bytes > kMaxHeapBytes) {
    throw Failure(board::kUsage, std::string("--heap ") + text + ": at most 1024M");
  }
  return bytes;
}

uint32_t parse_count(const char* option, const char* text) {
  const std::optional<uint32_t> count = parse_number(text);
  if (!count) {
    throw Failure(board::kUsage, std::string(option) + " " + text + ": not a number", kSeeHelp);
  }
  return *count;
}

uint16_t parse_port_offset(const char* text) {
  constexpr uint32_t kMost = 65535 - 1023;
  const uint32_t offset = parse_count("--net", text);
  if (offset > kMost) {
    throw Failure(board::kUsage, std::string("--net=") + text + ": at most 64512");
  }
  return static_cast<uint16_t>(offset);
}

// The option that getopt stopped at.
[[noreturn]] void refuse(int what, char** argv) {
  const std::string option = argv[optind - 1];
  if (what == ':') {
    throw Failure(board::kUsage, "option '" + option + "' needs a value", kSeeHelp);
  }
  throw Failure(board::kUsage, "unknown option '" + option + "'", kSeeHelp);
}

// What may follow the options.
void take_words(Options& options, int argc, char** argv) {
  const int words = argc - optind;
  if (options.boots()) {
    if (!options.image.empty() || !options.script.empty()) {
      throw Failure(board::kUsage, "--flash boots a device, --image and --script run one program",
                    kSeeHelp);
    }
    if (words > 1 || (words == 1 && options.terminal)) {
      throw Failure(board::kUsage, "there is one console, and one script for it", kSeeHelp);
    }
    options.typed = words == 1 ? argv[optind] : "";
    return;
  }
  if (options.script.empty()) {
    if (options.image.empty()) {
      throw Failure(board::kUsage, "no flash and no image given", kSeeHelp);
    }
    if (words == 0) {
      throw Failure(board::kUsage, "no module given", kSeeHelp);
    }
    options.module = argv[optind++];
  }
  options.arguments.assign(argv + optind, argv + argc);
}

}  // namespace

Options parse_options(int argc, char** argv) {
  static const option kLong[] = {
      {"flash", required_argument, nullptr, 'f'},
      {"size", required_argument, nullptr, 'z'},
      {"pty", no_argument, nullptr, 't'},
      {"net", optional_argument, nullptr, 'n'},
      {"cut-after", required_argument, nullptr, 'c'},
      {"stale-cache", no_argument, nullptr, 'a'},
      {"image", required_argument, nullptr, 'i'},
      {"base", required_argument, nullptr, 'b'},
      {"script", required_argument, nullptr, 's'},
      {"heap", required_argument, nullptr, 'm'},
      {"report", required_argument, nullptr, 'r'},
      {"help", no_argument, nullptr, 'h'},
      {nullptr, 0, nullptr, 0},
  };
  Options options;
  opterr = 0;
  int what = 0;
  // '+': what follows the module is the module's; ':': a missing value is told apart.
  while ((what = getopt_long(argc, argv, "+:", kLong, nullptr)) != -1) {
    switch (what) {
      case 'f':
        options.chip.file = optarg;
        break;
      case 'z':
        options.chip.bytes = parse_bytes("--size", optarg, "4M");
        break;
      case 't':
        options.terminal = true;
        break;
      case 'n':
        options.network = true;
        if (optarg != nullptr) {
          options.port_offset = parse_port_offset(optarg);
        }
        break;
      case 'c':
        options.chip.cut_after = parse_count("--cut-after", optarg);
        break;
      case 'a':
        options.chip.stale_cache = true;
        break;
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
      case 'r':
        options.report = optarg;
        break;
      case 'h':
        options.help = true;
        return options;
      default:
        refuse(what, argv);
    }
  }
  take_words(options, argc, argv);
  if (options.heap == 0) {
    options.heap = options.boots() ? size_t{44} << 10 : size_t{4} << 20;
  }
  return options;
}

}  // namespace flashstore::sim
