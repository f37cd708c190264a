// What the runner tells the board: numbers, as text, on the emulator's command line.
#pragma once

#include <cstdint>

#include "board/exit_status.h"
#include "board/qemu-lx106/semihost.h"

namespace flashstore::lx106 {

// Descriptors of files that the runner opened.
struct Arguments {
  int flash = -1;          // the chip's content; its size is the chip's
  int retained = -1;       // see retained.h
  int report = -1;         // lines "key value"
  uint32_t heap = 0;       // bytes
  uint32_t cut_after = 0;  // see flash_file.h
  bool is_script = false;  // what comes in is a file: nobody waits for what it says
};

// Words of the command line behind the program's name, in this order.
constexpr uint32_t kArgumentWords = 6;

// Stops the emulator if they are not as they should be.
inline Arguments read_arguments() {
  constexpr uint32_t kMost = 160;
  alignas(4) char text[kMost];
  if (simcall(Service::kArgumentBytes, 0) > static_cast<int32_t>(kMost)) {
    exit(board::kEnvironment);
  }
  simcall(Service::kArguments, address_of(text));
  char* const* words = reinterpret_cast<char* const*>(text);
  uint32_t numbers[kArgumentWords];
  for (uint32_t i = 0; i < kArgumentWords; i++) {
    const char* digits = words[i + 1];
    if (digits == nullptr) {
      exit(board::kEnvironment);
    }
    numbers[i] = 0;
    for (; *digits != '\0'; digits++) {
      numbers[i] = numbers[i] * 10 + static_cast<uint32_t>(*digits - '0');
    }
  }
  return {static_cast<int>(numbers[0]),
          static_cast<int>(numbers[1]),
          static_cast<int>(numbers[2]),
          numbers[3],
          numbers[4],
          numbers[5] != 0};
}

}  // namespace flashstore::lx106
