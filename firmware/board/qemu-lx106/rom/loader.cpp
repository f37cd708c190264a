// What the ESP8266's mask ROM does after a reset: loads the image at the beginning of flash into
// RAM and jumps to it. Here it also fills the window of mapped flash.
#include "board/exit_status.h"
#include "board/qemu-lx106/arguments.h"
#include "board/qemu-lx106/memory_map.h"
#include "board/qemu-lx106/semihost.h"
#include "partition/firmware_format.h"

namespace flashstore::lx106 {
namespace {

[[noreturn]] void stop(std::string_view why) {
  write(kStandardError, why);
  exit(board::kEnvironment);
}

[[noreturn]] void no_firmware() {
  stop("flash: no firmware that boots\n");
}

bool is_ram(const partition::SegmentHeader& segment) {
  const auto lies_in = [&](uint32_t begin, uint32_t end) {
    return segment.address >= begin && segment.address <= end &&
           segment.bytes <= end - segment.address;
  };
  return lies_in(LX106_IRAM, LX106_IRAM_END) || lies_in(LX106_DRAM, LX106_DRAM_END);
}

template <typename T>
std::span<uint8_t> bytes_of(T& value) {
  return {reinterpret_cast<uint8_t*>(&value), sizeof value};
}

uint8_t* memory_at(uint32_t address) {
  return reinterpret_cast<uint8_t*>(address);  // NOLINT(performance-no-int-to-ptr)
}

// Returns where to go on.
uint32_t load(int flash) {
  partition::ImageHeader header;
  if (!read_at(flash, 0, bytes_of(header)) || header.magic != partition::kImageMagic) {
    no_firmware();
  }
  uint32_t at = sizeof header;
  uint8_t checksum = partition::kChecksumSeed;
  for (uint32_t i = 0; i < header.segments; i++) {
    partition::SegmentHeader segment;
    if (!read_at(flash, at, bytes_of(segment)) || !is_ram(segment)) {
      no_firmware();
    }
    at += sizeof segment;
    const std::span<uint8_t> content(memory_at(segment.address), segment.bytes);
    if (!read_at(flash, at, content)) {
      no_firmware();
    }
    for (const uint8_t byte : content) {
      checksum ^= byte;
    }
    at += segment.bytes;
  }
  uint8_t expected = 0;
  at |= partition::kImageAlignment - 1;
  if (!read_at(flash, at, bytes_of(expected)) || checksum != expected) {
    no_firmware();
  }
  return header.entry;
}

}  // namespace

extern "C" [[noreturn]] void rom_main();

void rom_main() {
  const Arguments arguments = read_arguments();
  if (!read_at(arguments.flash, 0, {memory_at(LX106_FLASH), LX106_FLASH_END - LX106_FLASH})) {
    stop("flash: smaller than 1 MiB\n");
  }
  const uint32_t entry = load(arguments.flash);
  reinterpret_cast<void (*)()>(entry)();  // NOLINT(performance-no-int-to-ptr)
  stop("flash: the firmware came back\n");
}

}  // namespace flashstore::lx106
