// The chain of addresses in images of early 2018 (FORMAT.md, "Earlier generations"), which had no
// relocation bitmap.
#pragma once

#include <cstdint>
#include <span>

namespace flashstore::luaflash {

// From offset on, the first address word of an image that `bitmap` marks; `words` if there is none.
uint32_t next_address(std::span<const uint8_t> bitmap, uint32_t offset, uint32_t words);

// Makes offsets of the addresses of a relocatable chained image, so that relocate works on it.
// `bitmap` marks them, as verify_structure found them.
void unchain(std::span<uint8_t> image, std::span<const uint8_t> bitmap);

// The other way: offsets get their chain again.
void chain(std::span<uint8_t> image, std::span<const uint8_t> bitmap);

}  // namespace flashstore::luaflash
