// A firmware that does to its board what the console says, a command a line, so that tests see what
// the board makes of it. It stands where the firmware's own start() would.
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "board/board.h"
#include "start.h"

namespace flashstore::firmware {
namespace {

constexpr uint32_t kMostWords = 4;
constexpr uint32_t kMostBytes = 64;

// A line in words. Numbers are decimal or, behind 0x, hexadecimal.
struct Command {
  char line[160];
  uint32_t count = 0;
  const char* words[kMostWords] = {"", "", "", ""};

  bool is(const char* name) const { return std::strcmp(words[0], name) == 0; }
  uint32_t number(uint32_t index) const { return std::strtoul(words[index], nullptr, 0); }
};

template <typename... Values>
void say(const char* format, Values... values) {
  char text[300];
  std::snprintf(text, sizeof text, format, values...);
  board::put(text);
}

// False at the end of input.
bool read_line(Command& command) {
  uint32_t size = 0;
  for (;;) {
    const int byte = board::get();
    if (byte == board::kNoInput) {
      board::idle(1000000);
    } else if (byte == board::kEndOfInput || byte == '\n') {
      command.line[size] = '\0';
      return byte == '\n';
    } else if (size + 1 < sizeof command.line) {
      command.line[size++] = static_cast<char>(byte);
    }
  }
}

void split(Command& command) {
  for (char* at = command.line; command.count < kMostWords && *at != '\0';) {
    command.words[command.count++] = at;
    at += std::strcspn(at, " ");
    if (*at == ' ') {
      *at++ = '\0';
    }
  }
}

void show(const uint8_t* bytes, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    say("%02x", static_cast<unsigned>(bytes[i]));
  }
  say("\n");
}

void read_flash(uint32_t address, uint32_t bytes) {
  uint8_t found[kMostBytes];
  const uint32_t count = bytes < kMostBytes ? bytes : kMostBytes;
  if (board::flash().read(address, {found, count})) {
    show(found, count);
  } else {
    say("refused\n");
  }
}

// `digits` are hexadecimal, two a byte.
void program(uint32_t address, const char* digits) {
  uint8_t bytes[kMostBytes];
  uint32_t count = 0;
  for (; count < kMostBytes && digits[2 * count] != '\0'; count++) {
    const char pair[] = {digits[2 * count], digits[2 * count + 1], '\0'};
    bytes[count] = static_cast<uint8_t>(std::strtoul(pair, nullptr, 16));
  }
  say(board::flash().program(address, {bytes, count}) ? "done\n" : "refused\n");
}

// Programs and reads back so many bytes, more than a chip's page, at once.
void program_pattern(uint32_t address, uint32_t count) {
  static uint8_t bytes[1024];
  static uint8_t found[sizeof bytes];
  count = count < sizeof bytes ? count : sizeof bytes;
  for (uint32_t i = 0; i < count; i++) {
    bytes[i] = static_cast<uint8_t>(i * 7 + (i >> 8));
  }
  const bool is_done = board::flash().program(address, {bytes, count}) &&
                       board::flash().read(address, {found, count}) &&
                       std::memcmp(bytes, found, count) == 0;
  say(is_done ? "done\n" : "failed\n");
}

void show_mapped(uint32_t address, uint32_t bytes) {
  const std::span<const uint8_t> shown = board::mapped().subspan(address, bytes);
  uint8_t copy[kMostBytes];
  std::memcpy(copy, shown.data(), shown.size());
  show(copy, static_cast<uint32_t>(shown.size()));
}

// Fills all of the heap and looks whether it is still there.
void try_heap() {
  const std::span<uint8_t> heap = board::heap();
  const bool is_aligned = reinterpret_cast<uintptr_t>(heap.data()) % 8 == 0;
  uint32_t sum = 0;
  for (uint32_t i = 0; i < heap.size(); i++) {
    heap[i] = static_cast<uint8_t>(i * 7);
  }
  for (uint32_t i = 0; i < heap.size(); i++) {
    sum += heap[i] == static_cast<uint8_t>(i * 7) ? 1 : 0;
  }
  say("%u bytes, %u kept, %s\n", static_cast<unsigned>(heap.size()), static_cast<unsigned>(sum),
      is_aligned ? "aligned" : "not aligned");
}

void sleep(uint32_t microseconds) {
  const uint32_t begin = board::microseconds();
  while (board::microseconds() - begin < microseconds) {
    board::idle(microseconds - (board::microseconds() - begin));
  }
  say("slept\n");
}

volatile uint32_t* word_at(uint32_t address) {
  return reinterpret_cast<volatile uint32_t*>(address);  // NOLINT(performance-no-int-to-ptr)
}

uint32_t load_byte(uint32_t address) {
#ifdef __XTENSA__
  uint32_t byte = 0;  // the compiler would load a word
  asm volatile("l8ui %0, %1, 0" : "=r"(byte) : "r"(address));
  return byte;
#else
  return *reinterpret_cast<volatile uint8_t*>(address);
#endif
}

// Calls itself so many times, with 64 bytes of the stack each time.
[[gnu::noinline]] uint32_t nest(uint32_t times) {
  volatile uint8_t frame[64];
  frame[times % sizeof frame] = 1;
  return times == 0 ? 0 : nest(times - 1) + frame[times % sizeof frame];
}

// Results of the hardest kind, of operands that the compiler does not see: sums, products,
// quotients.
void calculate() {
  volatile double a = std::strtod("0.1", nullptr);
  volatile double b = std::strtod("3e-310", nullptr);
  volatile int32_t n = -1234567;
  volatile uint64_t big = 12345678901234567u;
  say("%.17g %.17g %.17g %.17g\n", a + 0.2, a * b, b / 7, 1 / a - 1e16);
  say("%d %u %.17g %g\n", static_cast<int>(a * 1e9), static_cast<unsigned>(a * 4e10), n / 7.0,
      static_cast<double>(static_cast<float>(a) * 3));
  say("%d %d %u %u %u\n", static_cast<int>(n / 1000), static_cast<int>(n % 1000),
      static_cast<unsigned>(big / 1000000007), static_cast<unsigned>(big % 1000000007),
      static_cast<unsigned>(big * big >> 32));
}

void carry_out(const Command& command) {
  if (command.is("echo")) {
    say("%s\n", command.words[1]);
  } else if (command.is("size")) {
    say("%u\n", static_cast<unsigned>(board::flash().size()));
  } else if (command.is("read")) {
    read_flash(command.number(1), command.number(2));
  } else if (command.is("program")) {
    program(command.number(1), command.words[2]);
  } else if (command.is("program-pattern")) {
    program_pattern(command.number(1), command.number(2));
  } else if (command.is("erase")) {
    say(board::flash().erase(command.number(1)) ? "done\n" : "refused\n");
  } else if (command.is("mapped")) {
    show_mapped(command.number(1), command.number(2));
  } else if (command.is("invalidate")) {
    board::invalidate(command.number(1), command.number(2));
  } else if (command.is("retain")) {
    board::retain(command.number(1));
  } else if (command.is("retained")) {
    say("%u, reason %u\n", static_cast<unsigned>(board::retained()),
        static_cast<unsigned>(board::reset_reason()));
  } else if (command.is("reset")) {
    board::reset(static_cast<board::ResetReason>(command.number(1)));
  } else if (command.is("heap")) {
    try_heap();
  } else if (command.is("sleep")) {
    sleep(command.number(1));
  } else if (command.is("time")) {
    say("%u\n", static_cast<unsigned>(board::microseconds()));
  } else if (command.is("store")) {
    *word_at(command.number(1)) = 1;
  } else if (command.is("load")) {
    say("%08x\n", static_cast<unsigned>(*word_at(command.number(1))));
  } else if (command.is("load-byte")) {
    say("%02x\n", static_cast<unsigned>(load_byte(command.number(1))));
  } else if (command.is("nest")) {
    say("%u\n", static_cast<unsigned>(nest(command.number(1))));
  } else if (command.is("calculate")) {
    calculate();
  } else {
    say("unknown: %s\n", command.words[0]);
  }
}

}  // namespace

void start() {
  for (;;) {
    Command command;
    if (!read_line(command)) {
      board::power_off();
    }
    split(command);
    carry_out(command);
  }
}

}  // namespace flashstore::firmware
