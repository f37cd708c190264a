// The strings of an image that lies where it runs, for another one that shares them (FORMAT.md,
// "Images to attach"). Whatever the image is, nothing outside of it is read.
#pragma once

#include <cstdint>
#include <span>

#include "luaflash/verify_structure.h"

namespace flashstore::luaflash {

class BaseStrings final : public SharedStrings {
 public:
  // `image`, without what follows it, is mapped at the byte address `address`, a multiple of 4, and
  // relocated to it; whether its signature says so does not matter.
  BaseStrings(std::span<const uint8_t> image, uint32_t address);

  // What tells an image that lies where it runs from others, and from itself at another address;
  // never 0.
  static uint32_t identity_of(std::span<const uint8_t> image);

  uint32_t identity() const { return identity_of(image_); }

  // Only what can be looked up is a string, and lies within the image as a whole.
  std::span<const uint8_t> string_at(uint32_t address) const override;
  bool has(std::span<const uint8_t> string) const override;

 private:
  std::span<const uint8_t> from(uint32_t offset) const;
  uint32_t word(uint32_t offset) const;
  uint32_t offset_of(uint32_t address) const;
  uint32_t slot_of(uint32_t hash) const;
  uint32_t next(uint32_t link, uint32_t limit) const;

  std::span<const uint8_t> image_;
  uint32_t address_;
  uint32_t words_;
};

}  // namespace flashstore::luaflash
