#include "luaflash/image_view.h"

#include <algorithm>
#include <array>
#include <bit>

#include "core/bytes.h"

namespace flashstore::luaflash {
namespace {

constexpr Dialect kChained = {
    .number_tag = kOldTagNumber,
    .string_tag = kOldTagString,
    .string_mark = kOldStringMark,
    .proto_mark = kChainedProtoMark,
    .mark_mask = 0xFFFF,
    .zero_mask = 0,
    .chained = true,
};
constexpr Dialect kOldTags = {
    .number_tag = kOldTagNumber,
    .string_tag = kOldTagString,
    .string_mark = kOldStringMark,
    .proto_mark = 0,
    .mark_mask = 0xFFFFFFFF,
    .zero_mask = 0xFFFFFFFF,
    .chained = false,
};
constexpr Dialect kCurrent = {
    .number_tag = kTagNumber,
    .string_tag = kTagString,
    .string_mark = kStringMark,
    .proto_mark = 0,
    .mark_mask = 0xFFFFFFFF,
    .zero_mask = 0xFFFFFFFF,
    .chained = false,
};
// By Generation.
constexpr std::array<Dialect, 4> kDialects = {kChained, kChained, kOldTags, kCurrent};

constexpr uint32_t kWordShift = 2;  // from words to bytes

constexpr uint32_t kGzipMagic = 0x8B1F;
constexpr uint32_t kBytecodeMagic = 0x61754C1B;  // ESC Lua
constexpr uint32_t kLua53ImageFormat = 0x0B53;   // version 5.3 and format of what follows it
constexpr uint32_t kLua53Version = 0x200;        // of a signature
constexpr uint32_t kFewestStringWords = kStringHeaderWords + 1;

ImageError other_kind(uint32_t first, uint32_t second) {
  if (first == 0 || first == 0xFFFFFFFF) {
    return ImageError::kBlank;
  }
  if (first == kBytecodeMagic) {
    return (second & 0xFFFF) == kLua53ImageFormat ? ImageError::kLua53 : ImageError::kBytecode;
  }
  if ((first & kSignatureFixedMask) == kSignatureFixed) {
    return (first & kVersionMask) == kLua53Version ? ImageError::kLua53
                                                   : ImageError::kUnknownVersion;
  }
  return (first & 0xFFFF) == kGzipMagic ? ImageError::kGzip : ImageError::kSignature;
}

}  // namespace

const Dialect& ImageView::dialect() const {
  return kDialects[generation_];
}

uint32_t ImageView::word(uint32_t offset) const {
  return offset < words_ ? core::load_word(bytes_, size_t{offset} * kWordBytes) : 0;
}

uint32_t ImageView::target(uint32_t offset) const {
  const uint32_t found = word(offset);
  if (found == 0) {
    return 0;
  }
  // What is no multiple of a word becomes too high.
  const uint32_t to = std::rotr((found & address_mask_) - base_, static_cast<int>(address_shift_));
  return to < words_ ? to : 0;
}

core::Result<ImageView, ImageError> open_image(std::span<const uint8_t> bytes) {
  ImageView view;
  view.bytes_ = bytes;
  view.words_ = static_cast<uint32_t>(std::min<size_t>(bytes.size() / kWordBytes, kMaxImageWords));
  if (view.words_ < 2) {
    return ImageError::kTooShort;
  }
  const uint32_t signature = view.signature();
  const uint32_t version = signature & kVersionMask;
  const uint32_t bits = signature & ~(kSignatureFixedMask | kVersionMask);
  Generation generation = Generation::kApril2020;
  if (signature == kSignatureMarch2018) {
    generation = Generation::kMarch2018;
  } else if ((signature & kSignatureFixedMask) != kSignatureFixed ||
             (version != kVersion && version != kVersionApril2018)) {
    return other_kind(signature, view.word(1));
  } else if (bits & kInProgressBit) {
    return ImageError::kInProgress;
  } else if ((bits & kIntegerBit) && (bits & kPackedBit)) {
    return ImageError::kSignature;
  } else if (version == kVersionApril2018) {
    generation = Generation::kApril2018;
  }
  if (view.words_ < kHeaderWords) {
    return ImageError::kTooShort;
  }
  const uint32_t size = view.word(kHeaderSize);
  if (size % kWordBytes != 0 || size < kHeaderWords * kWordBytes ||
      size / kWordBytes > view.words_) {
    return ImageError::kSize;
  }
  view.words_ = size / kWordBytes;
  view.tvalue_words_ = bits & kIntegerBit ? 2 : bits & kPackedBit ? 3 : 4;
  if (bits & kAbsoluteBit) {
    view.base_ = view.word(kHeaderHashVector) - kHeaderWords * kWordBytes;
    view.address_shift_ = kWordShift;
  }
  const bool chained = kDialects[static_cast<uint32_t>(generation)].chained;
  view.address_mask_ = chained && !view.absolute() ? kChainTargetMask : 0xFFFFFFFF;
  if (view.target(kHeaderHashVector) != kHeaderWords) {
    return ImageError::kHashVector;
  }
  const uint32_t strings = view.string_count();
  if (!view.has(kHeaderWords, view.hash_slots()) || strings == 0 ||
      strings > (view.words_ - view.strings_begin()) / kFewestStringWords) {
    return ImageError::kStringCount;
  }
  // The signature did not change with the tags, but the first string's type did.
  if (version == kVersion && view.word(view.strings_begin() + kStringTypeMark) == kOldStringMark) {
    generation = Generation::kSeptember2018;
  }
  view.generation_ = static_cast<uint32_t>(generation);
  return view;
}

}  // namespace flashstore::luaflash
