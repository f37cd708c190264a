// The hash Lua 5.1 gives a string, on chip and host alike (FORMAT.md, "Strings").
#pragma once

#include <cstdint>
#include <string_view>

namespace flashstore::luaflash {

uint32_t string_hash(std::string_view bytes);

// Whether a hash vector of so many slots belongs to so many strings.
bool slots_fit(uint32_t slots, uint32_t strings);

}  // namespace flashstore::luaflash
