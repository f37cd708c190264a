#include "luac/base_image.h"

#include "luaflash/base_strings.h"
#include "luaflash/format.h"
#include "luaflash/image_view.h"

namespace flashstore::luac {

BaseImage read_base(std::span<const uint8_t> image) {
  const auto view = luaflash::open_image(image);
  BaseImage base;
  if (!view || !view.value().absolute()) {
    return base;
  }
  const auto own = view.value().bytes();
  base.address = view.value().base();
  base.bytes = static_cast<uint32_t>(own.size());
  base.identity = luaflash::BaseStrings::identity_of(own);
  uint32_t at = view.value().strings_begin();
  for (uint32_t left = view.value().string_count(); left > 0; --left) {
    const auto string = view.value().string_at(at);
    if (!string) {
      return {};
    }
    base.strings[{string->bytes.begin(), string->bytes.end()}] =
        base.address + at * luaflash::kWordBytes;
    at = string->end;
  }
  return base;
}

}  // namespace flashstore::luac
