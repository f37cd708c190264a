// The serial line of the simulated board: a script, the standard streams, or a pseudo-terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace flashstore::sim {

// A script's bytes come from `file`. Throws Failure.
void open_script(const std::string& file);
// A terminal of its own; returns the name under which others open it. `inherited` is that of the
// process before (terminal()), or kNoTerminal. Throws Failure.
inline constexpr int kNoTerminal = -1;
std::string open_terminal(int inherited);
// Its descriptor, which the next process inherits.
int terminal();
// Otherwise it is stdin, where a file counts as a script.
void open_standard_input();
// Leaves the terminal that is stdin as it was found. May be called in signal handlers.
void close_console();

void console_put(std::string_view text);
int console_get();

uint32_t clock_microseconds();
void clock_idle(uint32_t longest);

}  // namespace flashstore::sim
