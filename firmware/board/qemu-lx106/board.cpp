// The board that board.h describes, on the emulated core. One object, so that a start begins with
// all of it as it was built.
#include "board/board.h"

#include <algorithm>

#include "board/exit_status.h"
#include "board/network.h"
#include "board/qemu-lx106/arguments.h"
#include "board/qemu-lx106/console.h"
#include "board/qemu-lx106/ending.h"
#include "board/qemu-lx106/flash_file.h"
#include "board/qemu-lx106/line.h"
#include "board/qemu-lx106/memory_map.h"
#include "board/qemu-lx106/semihost.h"
#include "board/retained.h"
#include "partition/firmware_format.h"
#include "start.h"

extern "C" uint8_t zeroed_end[];  // what the linker did not use of DRAM begins here

namespace flashstore::lx106 {
namespace {

struct Mark {
  char text[partition::kMarkBytes] = {};
};

template <size_t kBytes>
constexpr Mark make_mark(const char (&text)[kBytes]) {
  Mark mark;
  std::copy(text, text + kBytes, mark.text);
  return mark;
}

#ifdef FIRMWARE_NUMBERS_INT
[[gnu::section(".mark"), gnu::used]] constexpr Mark kMark = make_mark(partition::kIntMark);
#else
[[gnu::section(".mark"), gnu::used]] constexpr Mark kMark = make_mark(partition::kFloatMark);
#endif

Arguments arguments;
constinit FlashFile chip;
board::Retained kept;

std::span<uint8_t> bytes_of(board::Retained& retained) {
  return {reinterpret_cast<uint8_t*>(&retained), sizeof retained};
}

void keep_retained() {
  write_at(arguments.retained, 0, bytes_of(kept));
}

std::span<uint8_t> memory_between(uint32_t begin, uint32_t end) {
  return {reinterpret_cast<uint8_t*>(begin), end - begin};  // NOLINT(performance-no-int-to-ptr)
}

// --- the stack ---

constexpr uint8_t kUnused = 0xA5;

// All but what is in use now and will be before this returns.
void mark_unused_stack() {
  constexpr uint32_t kInUse = 512;
  simcall(Service::kFill, LX106_DRAM, kUnused, LX106_STACK_END - LX106_DRAM - kInUse);
}

// The most of it that was in use since then, in bytes.
uint32_t deepest_stack() {
  const std::span<const uint8_t> stack = memory_between(LX106_DRAM, LX106_STACK_END);
  const auto used = std::ranges::find_if(stack, [](uint8_t byte) { return byte != kUnused; });
  return static_cast<uint32_t>(stack.end() - used);
}

void report(const char* key, uint32_t value) {
  const Line line = Line().text(key).text(" ").decimal(value).text("\n");
  write(arguments.report, line.view());
}

}  // namespace

void finish(board::ExitStatus status) {
  const FlashCounters& counters = chip.counters();
  report("flash-reads", counters.read_calls);
  report("flash-read-bytes", counters.read_bytes);
  report("flash-programs", counters.program_calls);
  report("flash-program-bytes", counters.program_bytes);
  report("flash-erases", counters.erases);
  report("stack-bytes", deepest_stack());
  exit(status);
}

void lose_power() {
  board::reset(board::ResetReason::kPowerOn);
}

// From assembler.
extern "C" [[noreturn]] void board_start();
extern "C" [[noreturn]] void board_fault(uint32_t cause, uint32_t pc, uint32_t address);
// What the C library ends with, if something there gives up.
extern "C" [[noreturn]] void _exit(int status);

void board_start() {
  arguments = read_arguments();
  mark_unused_stack();
  open_console(arguments.is_script);
  chip.open(arguments.flash, arguments.cut_after);
  if (!read_at(arguments.retained, 0, bytes_of(kept))) {
    kept = {};
  }
  firmware::start();
}

void board_fault(uint32_t cause, uint32_t pc, uint32_t address) {
  Line()
      .text("fault: cause ")
      .decimal(cause)
      .text(", pc ")
      .hexadecimal(pc)
      .text(", address ")
      .hexadecimal(address)
      .print();
  board::reset(board::ResetReason::kFault);
}

void _exit(int status) {
  Line().text("fault: exit ").decimal(static_cast<uint32_t>(status)).print();
  board::reset(board::ResetReason::kFault);
}

}  // namespace flashstore::lx106

namespace flashstore::board {

using namespace lx106;

core::NorFlash& flash() {
  return chip;
}

std::span<const uint8_t> mapped() {
  return {reinterpret_cast<const uint8_t*>(LX106_FLASH), LX106_FLASH_END - LX106_FLASH};
}

void invalidate(uint32_t address, uint32_t bytes) {
  const uint32_t window = mapped().size();
  if (address >= window) {
    return;
  }
  uint8_t* shown = reinterpret_cast<uint8_t*>(LX106_FLASH) + address;
  read_at(arguments.flash, address, {shown, std::min(bytes, window - address)});
}

Network* network() {
  return nullptr;
}

ResetReason reset_reason() {
  return kept.reason;
}

void reset(ResetReason reason) {
  if (reason == ResetReason::kPowerOn) {
    kept.word = 0;
  }
  kept.reason = reason;
  keep_retained();
  finish(static_cast<ExitStatus>(kReset + static_cast<int>(reason)));
}

void power_off() {
  kept = {};
  keep_retained();
  finish(kOk);
}

uint32_t retained() {
  return kept.word;
}

void retain(uint32_t word) {
  kept.word = word;
}

std::span<uint8_t> heap() {
  const std::span<uint8_t> dram = memory_between(address_of(zeroed_end), LX106_DRAM_END);
  const std::span<uint8_t> more = memory_between(LX106_MORE_RAM, LX106_MORE_RAM_END);
  const std::span<uint8_t> place = arguments.heap <= dram.size() ? dram : more;
  return place.first(std::min<size_t>(arguments.heap, place.size()));
}

}  // namespace flashstore::board
