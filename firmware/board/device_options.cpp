#include "board/device_options.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "board/failure.h"

namespace flashstore::board {
namespace {

enum : int { kFlash = 0x100, kSize, kHeap, kCutAfter, kStaleCache, kReport, kHelp };

constexpr uint32_t kMaxHeapBytes = uint32_t{1} << 30;  // an address space of 32 bits has more

uint32_t parse_heap(const char* text) {
  const uint32_t bytes = parse_bytes("--heap", text, "44K");
  if (bytes > kMaxHeapBytes) {
    throw Failure(kUsage, std::string("--heap ") + text + ": at most 1024M");
  }
  return bytes;
}

}  // namespace

std::optional<uint32_t> parse_number(const char* text) {
  if (*text < '0' || *text > '9') {
    return std::nullopt;
  }
  char* end = nullptr;
  errno = 0;
  const unsigned long long value = std::strtoull(text, &end, 0);
  const std::string unit = end;
  const int shift = unit == "K" || unit == "KiB" ? 10 : unit == "M" || unit == "MiB" ? 20 : 0;
  if (errno != 0 || (shift == 0 && !unit.empty()) ||
      value > std::numeric_limits<uint32_t>::max() >> shift) {
    return std::nullopt;
  }
  return static_cast<uint32_t>(value << shift);
}

uint32_t parse_bytes(const char* option, const char* text, const char* example) {
  const std::optional<uint32_t> bytes = parse_number(text);
  if (!bytes || *bytes == 0) {
    throw Failure(kUsage, std::string(option) + " " + text + ": not a number of bytes",
                  std::string("for example ") + example);
  }
  return *bytes;
}

OptionReader::OptionReader(const char* program, std::vector<option> more)
    : see_help_(std::string(program) + " --help lists the options"), options_(std::move(more)) {
  for (const option& one :
       {option{"flash", required_argument, nullptr, kFlash},
        option{"size", required_argument, nullptr, kSize},
        option{"heap", required_argument, nullptr, kHeap},
        option{"cut-after", required_argument, nullptr, kCutAfter},
        option{"stale-cache", no_argument, nullptr, kStaleCache},
        option{"report", required_argument, nullptr, kReport},
        option{"help", no_argument, nullptr, kHelp}, option{nullptr, 0, nullptr, 0}}) {
    options_.push_back(one);
  }
}

void OptionReader::refuse(const std::string& what) const {
  throw Failure(kUsage, what, see_help_);
}

uint32_t OptionReader::count(const char* option, const char* text) const {
  const std::optional<uint32_t> count = parse_number(text);
  if (!count) {
    refuse(std::string(option) + " " + text + ": not a number");
  }
  return *count;
}

void OptionReader::read(int argc, char** argv, DeviceOptions& options,
                        const std::function<void(int, const char*)>& take) const {
  opterr = 0;
  int what = 0;
  // '+': what follows the first word is not for us; ':': a missing value is told apart.
  while ((what = getopt_long(argc, argv, "+:", options_.data(), nullptr)) != -1) {
    switch (what) {
      case kFlash:
        options.flash = optarg;
        break;
      case kSize:
        options.size = parse_bytes("--size", optarg, "4M");
        break;
      case kHeap:
        options.heap = parse_heap(optarg);
        break;
      case kCutAfter:
        options.cut_after = count("--cut-after", optarg);
        break;
      case kStaleCache:
        options.stale_cache = true;
        break;
      case kReport:
        options.report = optarg;
        break;
      case kHelp:
        options.help = true;
        return;
      case ':':
        refuse(std::string("option '") + argv[optind - 1] + "' needs a value");
      case '?':
        refuse(std::string("unknown option '") + argv[optind - 1] + "'");
      default:
        take(what, optarg);
    }
  }
}

ExitStatus report(const char* program, const Failure& failure) {
  std::fprintf(stderr, "%s: error: %s\n", program, failure.what());
  if (!failure.note.empty()) {
    std::fprintf(stderr, "%s: note: %s\n", program, failure.note.c_str());
  }
  return failure.status;
}

}  // namespace flashstore::board
