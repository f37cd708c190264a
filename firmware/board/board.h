// What the firmware needs of the chip it runs on. Each board has these functions in a folder of its
// own; one board is linked into a firmware, and all the rest of it is the same on every board.
//
// A board calls firmware::start() (start.h) once its memory and flash are ready.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/nor_flash.h"

namespace flashstore::board {

// --- flash ---

// The whole chip.
core::NorFlash& flash();

// The first MiB of the chip, as the processor sees it at luaflash::kFlashWindow: to be read in
// aligned words.
std::span<const uint8_t> mapped();

// After this, the mapped bytes of a part of the chip show what is in it; until then they may show
// what was in it before it was programmed or erased.
void invalidate(uint32_t address, uint32_t bytes);

// --- console: a serial line ---

void put(std::string_view text);

inline constexpr int kNoInput = -1;
inline constexpr int kEndOfInput = -2;  // nothing will ever come: a script was read to its end

// The next byte somebody typed, 0 to 255, or one of the above.
int get();

// --- time ---

// Since the last reset; starts again at 0 every 71 minutes.
uint32_t microseconds();

// Returns when there is input, or so many microseconds later.
void idle(uint32_t longest);

// --- reset ---

// Why a board started; the numbers are those of node.bootreason().
enum class ResetReason : uint32_t {
  kPowerOn = 0,
  kHardwareWatchdog = 1,
  kFault = 2,  // an exception: also a store into mapped flash
  kSoftwareWatchdog = 3,
  kRestart = 4,  // asked for by the program
  kDeepSleep = 5,
  kExternal = 6,
};

ResetReason reset_reason();
[[noreturn]] void reset(ResetReason reason);

// There is nothing more to do: only on boards that run scripts.
[[noreturn]] void power_off();

// The one word that a reset leaves as it is; 0 after power came.
uint32_t retained();
void retain(uint32_t word);

// --- memory ---

// All there is for Lua and what serves it; aligned to 8 bytes.
std::span<uint8_t> heap();

}  // namespace flashstore::board
