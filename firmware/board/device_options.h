// The words that the programs share which boot a device: flashstore-sim and flashstore-lx106.
#pragma once

#include <getopt.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace flashstore::board {

struct DeviceOptions {
  bool help = false;
  std::string flash;                  // file
  std::string report;                 // file; empty: none is written
  uint32_t size = uint32_t{4} << 20;  // bytes of a chip that is made
  std::optional<uint32_t> heap;       // bytes
  std::optional<uint32_t> cut_after;  // so many programs and erases are done, the next is not
  bool stale_cache = false;
};

inline constexpr uint32_t kDeviceHeap = uint32_t{44} << 10;  // without --heap

// A command line up to its first word that is no option. All throw Failure with kUsage.
class OptionReader {
 public:
  // `more` are options beside those of DeviceOptions; their `val` is not 0.
  OptionReader(const char* program, std::vector<option> more);

  // Calls `take` with `val` and value (null: none) of each of the others. Leaves the first word at
  // optind.
  void read(int argc, char** argv, DeviceOptions& options,
            const std::function<void(int, const char*)>& take) const;

  // Decimal, 0x or octal, with K, M, KiB or MiB (1024) behind it.
  uint32_t count(const char* option, const char* text) const;

  [[noreturn]] void refuse(const std::string& what) const;

 private:
  std::string see_help_;
  std::vector<option> options_;
};

// Not 0.
uint32_t parse_bytes(const char* option, const char* text, const char* example);

std::optional<uint32_t> parse_number(const char* text);

}  // namespace flashstore::board
