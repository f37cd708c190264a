// What functions are called: an image does not say, but the code that makes one often stores it
// under a name at once.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "luaflash/image_view.h"

namespace flashstore::image {

// Words of an image, from `offset` on; they are inside of it.
struct Words {
  uint32_t offset = 0;
  uint32_t count = 0;
};

// The names of the first `count` modules, by the constants of the master: its strings, in their
// order.
std::vector<std::string> names_of_modules(const luaflash::ImageView& image, Words constants,
                                          size_t count);

// A name for each of the functions a function with this code and these constants makes, or "".
// `protos` are the offsets of their Protos.
std::vector<std::string> names_of_children(const luaflash::ImageView& image, Words code,
                                           Words constants, std::span<const uint32_t> protos);

}  // namespace flashstore::image
