#include "luaflash/attach.h"

#include "core/bytes.h"
#include "core/crc32.h"
#include "luaflash/format.h"

namespace flashstore::luaflash {

using enum AttachFinding;

uint32_t attach_checksum(std::span<const uint8_t> image) {
  constexpr size_t kCheckAt = kHeaderCheck * kWordBytes;
  return core::crc32(image.subspan(kCheckAt + kWordBytes), core::crc32(image.first(kCheckAt)));
}

AttachVerdict attach_check(std::span<const uint8_t> mapped, uint32_t address, uint32_t signature,
                           const BaseStrings* base, std::span<uint8_t> bitmap) {
  const auto opened = map_image(mapped, ImageUse::kAttach);
  if (!opened) {
    return {.finding = kNoImage};
  }
  const ImageView& image = opened.value();
  AttachVerdict verdict{.address = image.base()};
  const uint32_t flavour = kIntegerBit | kPackedBit;
  if ((image.signature() & flavour) != (signature & flavour)) {
    verdict.finding = kFlavour;
  } else if (!image.rest().empty() || image.word(kHeaderCheck) != attach_checksum(mapped)) {
    verdict.finding = kCheck;
  } else if (image.word(kHeaderBase) != (base == nullptr ? 0 : base->identity())) {
    verdict.finding = kBase;
  } else if (image.base() != address) {
    verdict.finding = kAddress;
  } else {
    verdict.structure = verify_structure(image, bitmap, base);
    verdict.finding = verdict.structure.ok() ? kNone : kStructure;
  }
  return verdict;
}

}  // namespace flashstore::luaflash
