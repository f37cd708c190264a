// Numbers the way people read them.
#pragma once

#include <cstdint>
#include <string>

namespace flashstore::host {

// "137,140 B (133.9 KiB)"; below 1 KiB without the second part.
std::string bytes(uint64_t value);

// "1 module", "2 modules".
std::string count(uint64_t value, const std::string& noun);

// "52.3 %"; `whole` is not 0.
std::string percent(uint64_t part, uint64_t whole);

}  // namespace flashstore::host
