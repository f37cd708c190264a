// How a board's program ends: the same for every board that is a program.
#pragma once

namespace flashstore::board {

enum ExitStatus : int {
  kOk = 0,             // the script was read to its end, or the program ran to its own
  kProgramFailed = 1,  // the Lua program raised an error, ran out of memory, or is not in the image
  kUsage = 2,
  kEnvironment = 3,     // a file, the memory map, or an image that the device refuses
  kReset = 16,          // + ResetReason: start it again, and it goes on from there
  kStackOverflow = 86,  // the C stack grew out of its place
  kFlashRule = 87,      // the firmware asked of the flash what flash cannot do
  kFlashStore = 88,     // something stored into mapped flash, or read a part of a word of it
};

}  // namespace flashstore::board
