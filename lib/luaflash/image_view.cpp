#include "luaflash/image_view.h"

#include <array>

namespace flashstore::luaflash {
namespace {

constexpr Dialect kChained = {
    .number_tag = kOldTagNumber,
    .string_tag = kOldTagString,
    .string_mark = kOldStringMark,
    .proto_mark = kChainedProtoMark,
    .mark_mask = 0xFFFF,
    .chained = true,
    .clean = false,
};
constexpr Dialect kOldTags = {
    .number_tag = kOldTagNumber,
    .string_tag = kOldTagString,
    .string_mark = kOldStringMark,
    .proto_mark = 0,
    .mark_mask = 0xFFFFFFFF,
    .chained = false,
    .clean = true,
};
constexpr Dialect kCurrent = {
    .number_tag = kTagNumber,
    .string_tag = kTagString,
    .string_mark = kStringMark,
    .proto_mark = 0,
    .mark_mask = 0xFFFFFFFF,
    .chained = false,
    .clean = true,
};
// By Generation.
constexpr std::array<Dialect, 4> kDialects = {kChained, kChained, kOldTags, kCurrent};

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
  return kDialects[static_cast<uint32_t>(generation_)];
}

uint32_t ImageView::word(uint32_t offset) const {
  return offset < words_ ? load(offset) : 0;
}

uint32_t ImageView::target(uint32_t offset) const {
  uint32_t found = word(offset);
  if (absolute_ && found != 0) {
    const uint32_t distance = found - base_;
    found = distance % kWordBytes == 0 ? distance / kWordBytes : 0;
  } else if (dialect().chained) {
    found &= kChainTargetMask;
  }
  return found < words_ ? found : 0;
}

core::Result<ImageView, ImageError> open_image(std::span<const uint8_t> bytes) {
  ImageView view;
  view.bytes_ = bytes;
  if (bytes.size() < 2 * kWordBytes) {
    return ImageError::kTooShort;
  }
  const uint32_t signature = view.signature();
  const uint32_t version = signature & kVersionMask;
  const uint32_t bits = signature & ~(kSignatureFixedMask | kVersionMask);
  if (signature == kSignatureMarch2018) {
    view.generation_ = Generation::kMarch2018;
  } else if ((signature & kSignatureFixedMask) == kSignatureFixed &&
             (version == kVersion || version == kVersionApril2018)) {
    if (bits & kInProgressBit) {
      return ImageError::kInProgress;
    }
    if ((bits & kIntegerBit) && (bits & kPackedBit)) {
      return ImageError::kSignature;
    }
    view.generation_ = version == kVersion ? Generation::kApril2020 : Generation::kApril2018;
  } else {
    return other_kind(signature, view.load(kHeaderSize));
  }
  if (bytes.size() < kHeaderWords * kWordBytes) {
    return ImageError::kTooShort;
  }
  const uint32_t size = view.load(kHeaderSize);
  if (size % kWordBytes != 0 || size < kHeaderWords * kWordBytes || size > bytes.size() ||
      size / kWordBytes > kMaxImageWords) {
    return ImageError::kSize;
  }
  view.words_ = size / kWordBytes;
  view.tvalue_words_ = bits & kIntegerBit ? 2 : bits & kPackedBit ? 3 : 4;
  view.absolute_ = bits & kAbsoluteBit;
  if (view.absolute_) {
    view.base_ = view.load(kHeaderHashVector) - kHeaderWords * kWordBytes;
  }
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
    view.generation_ = Generation::kSeptember2018;
  }
  return view;
}

}  // namespace flashstore::luaflash
