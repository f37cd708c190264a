// The board's serial line: the emulator's standard input and output.
#pragma once

namespace flashstore::lx106 {

// A script has all its input there: time that the board would wait for more passes at once.
void open_console(bool input_is_script);

}  // namespace flashstore::lx106
