// What fuzzers of images have in common.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

#include "fuzz/image_input.h"
#include "luaflash/relocate.h"
#include "luaflash/verify_structure.h"

namespace flashstore::test {

inline void require(bool condition, const char* what) {
  if (!condition) {
    std::fprintf(stderr, "violated: %s\n", what);
    std::abort();
  }
}

struct Verified {
  luaflash::StructureVerdict structure;
  luaflash::StructureVerdict addresses;  // if the structure is right
  std::vector<uint8_t> bitmap;

  bool ok() const { return structure.ok() && addresses.ok(); }
};

inline Verified verify_image(const luaflash::ImageView& image) {
  Verified verified;
  verified.bitmap.resize(luaflash::bitmap_words(image.words() * 4) * 4);
  verified.structure = luaflash::verify_structure(image, verified.bitmap);
  if (verified.structure.ok()) {
    verified.addresses = luaflash::verify_addresses(image, verified.bitmap);
  }
  return verified;
}

}  // namespace flashstore::test
