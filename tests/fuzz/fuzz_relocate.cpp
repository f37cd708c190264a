// Any bytes as an image with a bitmap: relocation changes what is marked, and can be undone; of an
// image that is right the bitmap is found again at any address.

#include "core/bytes.h"
#include "fuzz/image_checks.h"
#include "luaflash/address_chain.h"

namespace {

using namespace flashstore;
using namespace flashstore::luaflash;
using test::require;

using Bytes = std::vector<uint8_t>;

// The largest image that leaves room for its bitmap.
void check_any(std::span<const uint8_t> payload, uint32_t base) {
  auto words = static_cast<uint32_t>(payload.size() / 4);
  while (words + bitmap_words(words * 4) > payload.size() / 4) {
    --words;
  }
  const auto image = payload.first(size_t{words} * 4);
  const auto bitmap = payload.subspan(image.size());
  Bytes changed(image.begin(), image.end());
  relocate(changed, bitmap, base);
  for (uint32_t i = 0; i < words; ++i) {
    const bool marked = bitmap[i / 8] >> i % 8 & 1;
    const uint32_t before = core::load_word(image, i * 4);
    require(core::load_word(changed, i * 4) == (marked ? before * 4 + base : before),
            "marked words move, others stay");
  }
  unrelocate(changed, bitmap, base);
  for (uint32_t i = 0; i < words; ++i) {
    const bool marked = bitmap[i / 8] >> i % 8 & 1;
    const uint32_t before = core::load_word(image, i * 4);
    require(core::load_word(changed, i * 4) == (marked ? before & 0x3FFFFFFF : before),
            "and come back");
  }
}

void check_image(std::span<const uint8_t> payload, uint32_t base) {
  const auto opened = open_image(payload);
  if (!opened || opened.value().absolute()) {
    return;
  }
  const ImageView& image = opened.value();
  const test::Verified verified = test::verify_image(image);
  if (!verified.ok()) {
    return;
  }
  Bytes moved(image.bytes().begin(), image.bytes().end());
  const bool chained = image.dialect().chained;
  if (chained) {
    unchain(moved, verified.bitmap);
  }
  relocate(moved, verified.bitmap, base);
  if (image.generation() != Generation::kMarch2018) {
    moved[0] |= kAbsoluteBit;
    const auto absolute = open_image(moved);
    require(absolute.ok() && absolute.value().base() == base, "an absolute image tells its base");
    const test::Verified again = test::verify_image(absolute.value());
    require(again.ok(), "it is right as before");
    require(again.bitmap == verified.bitmap, "and has its addresses where they were");
    moved[0] &= static_cast<uint8_t>(~kAbsoluteBit);
  }
  unrelocate(moved, verified.bitmap, base);
  if (chained) {
    chain(moved, verified.bitmap);
  }
  require(std::equal(moved.begin(), moved.end(), image.bytes().begin()), "the way back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes payload = fuzz::image_of({data, size});
  const uint32_t base =
      kMinAbsoluteBase + (size < 4 ? 0 : core::load_word({data, size}, size - 4)) % 0x100000;
  check_any(payload, base);
  check_image(payload, base);
  return 0;
}
