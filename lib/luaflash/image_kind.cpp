// What else may lie where an image is looked for.
#include "core/bytes.h"
#include "luaflash/image_view.h"

namespace flashstore::luaflash {
namespace {

constexpr uint32_t kGzipMagic = 0x8B1F;
constexpr uint32_t kBytecodeMagic = 0x61754C1B;  // ESC Lua
constexpr uint32_t kLua53ImageFormat = 0x0B53;   // version 5.3 and format of what follows it
constexpr uint32_t kLua53Version = 0x200;        // of a signature

ImageError better(ImageError error, uint32_t first, uint32_t second) {
  if (error == ImageError::kUnknownVersion && (first & kVersionMask) == kLua53Version) {
    return ImageError::kLua53;
  }
  if (error != ImageError::kSignature) {
    return error;
  }
  if (first == 0 || first == 0xFFFFFFFF) {
    return ImageError::kBlank;
  }
  if (first == kBytecodeMagic) {
    return (second & 0xFFFF) == kLua53ImageFormat ? ImageError::kLua53 : ImageError::kBytecode;
  }
  return (first & 0xFFFF) == kGzipMagic ? ImageError::kGzip : error;
}

}  // namespace

core::Result<ImageView, ImageError> open_image(std::span<const uint8_t> bytes) {
  auto view = map_image(bytes);
  if (view || view.error() == ImageError::kTooShort) {
    return view;
  }
  return better(view.error(), core::load_word(bytes, 0), core::load_word(bytes, kWordBytes));
}

}  // namespace flashstore::luaflash
