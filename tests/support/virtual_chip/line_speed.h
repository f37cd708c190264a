// The rate of a terminal as a number, any number: what <termios.h> has no constant for too.
#pragma once

#include <cstdint>

namespace flashstore::virtual_chip {

// Bits per second; 0 if the terminal does not tell.
uint32_t line_speed(int terminal);

}  // namespace flashstore::virtual_chip
