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

constexpr uint32_t kFewestStringWords = kStringHeaderWords + 1;

}  // namespace

const Dialect& ImageView::dialect() const {
  return kDialects[generation_];
}

uint32_t ImageView::word(uint32_t offset) const {
  return offset < words_ ? core::load_aligned_word(bytes_, size_t{offset} * kWordBytes) : 0;
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

std::optional<ImageError> ImageView::open(std::span<const uint8_t> bytes, ImageUse use) {
  bytes_ = bytes;
  words_ = static_cast<uint32_t>(std::min<size_t>(bytes.size() / kWordBytes, kMaxImageWords));
  if (words_ < 2) {
    return ImageError::kTooShort;
  }
  const uint32_t signature = word(kHeaderSignature);
  const uint32_t version = signature & kVersionMask;
  const uint32_t bits = signature & ~(kSignatureFixedMask | kVersionMask);
  const bool attach = use == ImageUse::kAttach;
  Generation generation = Generation::kApril2020;
  if (signature == kSignatureMarch2018 && !attach) {
    generation = Generation::kMarch2018;
  } else if ((signature & kSignatureFixedMask) != kSignatureFixed) {
    return ImageError::kSignature;
  } else if (version == kVersionAttach && !attach) {
    return ImageError::kAttach;
  } else if (attach ? version != kVersionAttach || !(bits & kAbsoluteBit)
                    : version != kVersion && version != kVersionApril2018) {
    return ImageError::kUnknownVersion;
  } else if ((bits & kInProgressBit) && use != ImageUse::kFinish) {
    return ImageError::kInProgress;
  } else if ((bits & kIntegerBit) && (bits & kPackedBit)) {
    return ImageError::kSignature;
  } else if (version == kVersionApril2018) {
    generation = Generation::kApril2018;
  }
  if (words_ < kHeaderWords) {
    return ImageError::kTooShort;
  }
  const uint32_t size = word(kHeaderSize);
  if (size % kWordBytes != 0 || size < kHeaderWords * kWordBytes || size / kWordBytes > words_) {
    return ImageError::kSize;
  }
  words_ = size / kWordBytes;
  tvalue_words_ = bits & kIntegerBit ? 2 : bits & kPackedBit ? 3 : 4;
  if (bits & kAbsoluteBit) {
    base_ = word(kHeaderHashVector) - kHeaderWords * kWordBytes;
    address_shift_ = kWordShift;
  }
  const bool chained = kDialects[static_cast<uint32_t>(generation)].chained;
  address_mask_ = chained && !absolute() ? kChainTargetMask : 0xFFFFFFFF;
  if (target(kHeaderHashVector) != kHeaderWords) {
    return ImageError::kHashVector;
  }
  const uint32_t strings = string_count();
  if (!has(kHeaderWords, hash_slots()) || (strings == 0 && !attach) ||
      strings > (words_ - strings_begin()) / kFewestStringWords) {
    return ImageError::kStringCount;
  }
  // The signature did not change with the tags, but the first string's type did.
  if (version == kVersion && word(strings_begin() + kStringTypeMark) == kOldStringMark) {
    generation = Generation::kSeptember2018;
  }
  generation_ = static_cast<uint32_t>(generation);
  return std::nullopt;
}

core::Result<ImageView, ImageError> map_image(std::span<const uint8_t> bytes, ImageUse use) {
  ImageView view;
  if (const auto error = view.open(bytes, use)) {
    return *error;
  }
  return view;
}

}  // namespace flashstore::luaflash
