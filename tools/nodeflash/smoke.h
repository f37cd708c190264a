// What verbs have in common that look whether a board runs what it was given.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "backend.h"

namespace flashstore::nodeflash {

// Resets the board and asks it; what was seen is the field "smoke" of its report, which also gets
// all that is wrong but the first, which is returned. `has_build_time`: an image that is compiled
// has the time of this run.
std::optional<Problem> smoke_target(const Target& target, const ConsoleLine& line,
                                    bool has_build_time, DeviceReport& report);

// Does what `backend` does, and then looks whether it runs.
std::unique_ptr<Backend> with_smoke(std::unique_ptr<Backend> backend, const FlashOptions& options);

// Options of what talks to a console.
void add_console_line(tools::CommandLine& line, ConsoleLine& console);

}  // namespace flashstore::nodeflash
