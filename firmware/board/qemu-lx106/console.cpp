// The board's serial line and its clock.
#include "board/qemu-lx106/console.h"

#include <algorithm>

#include "board/board.h"
#include "board/qemu-lx106/semihost.h"
#include "board/script.h"

namespace flashstore::lx106 {
namespace {

constexpr uint32_t kTicksPerMicrosecond = 40;
constexpr uint32_t kSecond = 1000000;
// The processor's counter starts anew after 107 seconds.
constexpr uint32_t kLongestSleep = 60 * kSecond;

bool is_script;
bool input_ended;  // of what is no script
uint32_t skipped;  // microseconds that nobody had to wait for

// Waits for the file to be ready for what `what` says, at most so long.
enum class Wait : uint32_t { kInput = 1, kException = 3 };

bool wait(Wait what, uint32_t microseconds) {
  uint32_t time[] = {microseconds / kSecond, microseconds % kSecond};
  return simcall(Service::kSelectOne, kStandardInput, static_cast<uint32_t>(what),
                 address_of(time)) > 0;
}

// Waits until there is one; -1: there are no more.
int read_byte() {
  uint8_t byte = 0;
  return simcall(Service::kRead, kStandardInput, address_of(&byte), 1) == 1 ? byte : -1;
}

constinit board::Script script(read_byte);

}  // namespace

void open_console(bool input_is_script) {
  is_script = input_is_script;
}

}  // namespace flashstore::lx106

namespace flashstore::board {

using namespace lx106;

void put(std::string_view text) {
  while (!text.empty()) {
    const int32_t written = write(kStandardOutput, text);
    if (written <= 0) {
      return;  // nobody listens
    }
    text.remove_prefix(static_cast<uint32_t>(written));
  }
}

int get() {
  if (is_script) {
    return script.get(microseconds());
  }
  if (input_ended) {
    return kEndOfInput;
  }
  if (!wait(Wait::kInput, 0)) {
    return kNoInput;
  }
  const int byte = read_byte();
  input_ended = byte < 0;
  return input_ended ? kEndOfInput : byte;
}

uint32_t microseconds() {
  static uint32_t last;  // in ticks, of a whole microsecond
  static uint32_t time;
  uint32_t now = 0;
  asm volatile("rsr %0, ccount" : "=r"(now));
  const uint32_t passed = (now - last) / kTicksPerMicrosecond;
  last += passed * kTicksPerMicrosecond;
  time += passed;
  return time + skipped;
}

void idle(uint32_t longest) {
  if (is_script) {
    const uint32_t waits = script.waits(microseconds());
    skipped += waits == 0 ? longest : std::min(longest, waits);
    return;
  }
  // A file at its end counts as ready for input for ever.
  const Wait what = input_ended ? Wait::kException : Wait::kInput;
  while (longest > kLongestSleep) {
    if (wait(what, kLongestSleep)) {
      return;
    }
    longest -= kLongestSleep;
    microseconds();
  }
  wait(what, longest);
}

}  // namespace flashstore::board
