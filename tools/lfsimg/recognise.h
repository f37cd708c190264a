// What a file is that is no LFS image to be read: it is named, not misread.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "luaflash/image_view.h"

namespace flashstore::lfsimg {

struct Stranger {
  std::string id;       // of the diagnostic
  std::string what;     // "bytecode of stock Lua 5.1, no LFS image"
  std::string way_out;  // from there to an image; empty: none
};

// `bytes` are what luaflash::open_image does not take for an image, because of `error`.
Stranger recognise(std::span<const uint8_t> bytes, luaflash::ImageError error);

}  // namespace flashstore::lfsimg
