#include "luaflash/base_strings.h"

#include "core/bytes.h"
#include "core/crc32.h"
#include "luaflash/format.h"

namespace flashstore::luaflash {
namespace {

uint32_t word_of(std::span<const uint8_t> string, uint32_t index) {
  return core::load_aligned_word(string, size_t{index} * kWordBytes);
}

}  // namespace

BaseStrings::BaseStrings(std::span<const uint8_t> image, uint32_t address)
    : image_(image), address_(address), words_(static_cast<uint32_t>(image.size() / kWordBytes)) {}

uint32_t BaseStrings::identity_of(std::span<const uint8_t> image) {
  // Devices differ in word 0: not all of them note that what they wrote is relocated.
  const uint32_t crc = core::crc32(image.subspan(kWordBytes));
  return crc == 0 ? 1 : crc;
}

std::span<const uint8_t> BaseStrings::from(uint32_t offset) const {
  return image_.subspan(size_t{offset} * kWordBytes);
}

uint32_t BaseStrings::word(uint32_t offset) const {
  return offset < words_ ? word_of(image_, offset) : 0;
}

// 0: it leads out of the image.
uint32_t BaseStrings::offset_of(uint32_t address) const {
  const uint32_t bytes = address - address_;
  return bytes % kWordBytes == 0 && bytes / kWordBytes < words_ ? bytes / kWordBytes : 0;
}

uint32_t BaseStrings::slot_of(uint32_t hash) const {
  return offset_of(word(kHeaderHashVector)) + (hash & (word(kHeaderHashSlots) - 1));
}

// The string that the word `link` leads to: below `limit`, as in each bucket, or 0.
uint32_t BaseStrings::next(uint32_t link, uint32_t limit) const {
  const uint32_t string = offset_of(word(link));
  return string < limit && string + kStringHeaderWords < words_ &&
                 word(string + kStringLength) / kWordBytes < words_ - string - kStringHeaderWords
             ? string
             : 0;
}

std::span<const uint8_t> BaseStrings::string_at(uint32_t address) const {
  const uint32_t wanted = offset_of(address);
  uint32_t string = next(slot_of(word(wanted + kStringHash)), words_);
  while (string > wanted) {
    string = next(string, string);
  }
  return string == wanted && wanted != 0 ? from(wanted) : std::span<const uint8_t>();
}

bool BaseStrings::has(std::span<const uint8_t> other) const {
  uint32_t string = next(slot_of(word_of(other, kStringHash)), words_);
  while (string != 0 && !equal_strings(from(string), other)) {
    string = next(string, string);
  }
  return string != 0;
}

}  // namespace flashstore::luaflash
