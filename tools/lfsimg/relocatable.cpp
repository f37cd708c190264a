#include "relocatable.h"

#include "core/bytes.h"
#include "findings.h"
#include "luaflash/relocate.h"
#include "luaflash/verify_structure.h"

namespace flashstore::lfsimg {
namespace {

using luaflash::kWordBytes;

Problem problem(const ImageFile& file, const luaflash::StructureVerdict& verdict) {
  const std::string id = luaflash::name(verdict.finding);
  const Finding& known = finding(id);
  return {host::kNo, file.at({.id = id,
                              .message = std::string(known.what) + "; " + std::string(known.effect),
                              .hint = std::string(known.way_out)},
                             size_t{verdict.offset} * kWordBytes)};
}

// In a chained image an address shares its word with the offset of the next one.
void unchain(std::span<uint8_t> image, std::span<const uint8_t> bitmap) {
  for (size_t i = 0; i < image.size() / kWordBytes; ++i) {
    if (bitmap[i / 8] >> i % 8 & 1) {
      core::store_word(image, i * kWordBytes,
                       core::load_word(image, i * kWordBytes) & luaflash::kChainTargetMask);
    }
  }
}

}  // namespace

core::Result<Relocatable, Problem> make_relocatable(const ImageFile& file) {
  const luaflash::ImageView& view = file.view();
  Relocatable result;
  result.image.assign(view.bytes().begin(), view.bytes().end());
  result.bitmap.resize(luaflash::bitmap_words(view.words() * kWordBytes) * kWordBytes);
  auto verdict = luaflash::verify_structure(view, result.bitmap);
  if (verdict.ok()) {
    verdict = luaflash::verify_addresses(view, result.bitmap);
  }
  if (!verdict.ok()) {
    return problem(file, verdict);
  }
  if (view.absolute()) {
    luaflash::unrelocate(result.image, result.bitmap, view.base());
    core::store_word(result.image, 0, view.signature() & ~luaflash::kAbsoluteBit);
  } else if (view.dialect().chained) {
    unchain(result.image, result.bitmap);
  }
  return result;
}

std::vector<uint8_t> at_address(Relocatable image, uint32_t base) {
  luaflash::relocate(image.image, image.bitmap, base);
  core::store_word(image.image, 0, core::load_word(image.image, 0) | luaflash::kAbsoluteBit);
  return std::move(image.image);
}

}  // namespace flashstore::lfsimg
