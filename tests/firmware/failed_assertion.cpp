// What assert() of the chip's C library ends in; the library's own needs streams.
#include "board/board.h"
#include "board/qemu-lx106/line.h"

extern "C" [[noreturn]] void __assert_func(const char* file, int line, const char* function,
                                           const char* condition);

void __assert_func(const char*, int line, const char* function, const char* condition) {
  flashstore::lx106::Line()
      .text("failed assertion: ")
      .text(function)
      .text(":")
      .decimal(static_cast<uint32_t>(line))
      .text(": ")
      .text(condition)
      .print();
  flashstore::board::reset(flashstore::board::ResetReason::kFault);
}
