// The image in LFS as the compiler knows it when it makes another one to go with it
// (luaflash/FORMAT.md, "Images to attach").
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>

#include "luac/target.h"

namespace flashstore::luac {

struct BaseImage {
  uint32_t identity = 0;  // 0: there is none
  uint32_t address = 0;
  uint32_t bytes = 0;
  std::map<std::string, uint32_t, std::less<>> strings;  // with the byte address of each
};

// Of an absolute image that luaflash::verify_structure accepts; empty if it is none.
BaseImage read_base(std::span<const uint8_t> image);

}  // namespace flashstore::luac
