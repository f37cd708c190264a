// To any address and back, over all the original compilers made.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "luac/image_writer.h"
#include "luaflash/address_chain.h"
#include "luaflash/format.h"
#include "luaflash/relocate.h"
#include "luaflash/verify_structure.h"
#include "support/files.h"
#include "support/recorded_images.h"

namespace flashstore::luaflash {
namespace {

using Bytes = std::vector<uint8_t>;

// 64 of the addresses luac.cross takes, the lowest and the highest among them; most are such that a
// partition could begin there.
std::vector<uint32_t> bases() {
  std::vector<uint32_t> all = {kMinAbsoluteBase, kMinAbsoluteBase + 0x100000, kMinAbsoluteBase + 2,
                               0x402A0000};
  for (uint32_t i = 1; all.size() < 64; ++i) {
    all.push_back(kMinAbsoluteBase + i * 0x4000);
  }
  return all;
}

void flip_absolute(Bytes& image) {
  core::store_word(image, 0, core::load_word(image, 0) ^ kAbsoluteBit);
}

// The bitmap of an image, by its structure alone.
Bytes bitmap_of(const Bytes& image) {
  const ImageView view = open_image(image).value();
  Bytes bitmap(bitmap_words(view.words() * kWordBytes) * kWordBytes);
  const StructureVerdict verdict = verify_structure(view, bitmap);
  EXPECT_STREQ(name(verdict.finding), "none");
  return bitmap;
}

TEST(Relocation, IsThatOfTheCompilerAndCanBeUndoneForEveryRecordedBuild) {
  for (const test::RecordedImage& recorded : test::recorded_images("pi-v1")) {
    SCOPED_TRACE(recorded.file);
    const luac::Image compiled = {Bytes(recorded.content.begin(), recorded.content.end()),
                                  recorded.record["image_size"]};
    for (const uint32_t base : bases()) {
      Bytes image(compiled.image().begin(), compiled.image().end());
      relocate(image, compiled.bitmap(), base);
      flip_absolute(image);
      ASSERT_EQ(image, luac::make_absolute(compiled, base)) << base;
      const ImageView view = open_image(image).value();
      ASSERT_EQ(view.base(), base);
      const Bytes bitmap = bitmap_of(image);
      unrelocate(image, bitmap, view.base());
      flip_absolute(image);
      image.insert(image.end(), bitmap.begin(), bitmap.end());
      ASSERT_EQ(image, compiled.payload) << base;
    }
  }
}

TEST(Relocation, GivesTheAbsoluteImagesOfTheOriginalCompiler) {
  std::map<std::string, test::RecordedImage> relocatable;
  const auto key = [](const test::RecordedImage& image) {
    return image.record["files"].dump() + image.record["flavour"].dump();
  };
  for (test::RecordedImage& image : test::recorded_images("pi-v1")) {
    relocatable[key(image)] = std::move(image);
  }
  size_t compared = 0;
  for (const test::RecordedImage& absolute : test::recorded_images("absolute-v1")) {
    const auto found = relocatable.find(key(absolute));
    if (found != relocatable.end()) {
      const std::string& payload = found->second.content;
      Bytes image(payload.begin(),
                  payload.begin() + static_cast<ptrdiff_t>(absolute.content.size()));
      const std::string address = absolute.record["options"][1];
      relocate(image, test::as_bytes(payload).subspan(image.size()),
               static_cast<uint32_t>(std::stoul(address, nullptr, 0)));
      flip_absolute(image);
      EXPECT_EQ(test::as_text(image), absolute.content) << absolute.file;
      ++compared;
    }
  }
  EXPECT_GE(compared, 8u);
}

TEST(Relocation, OfAPartIsThatPartOfAll) {
  const std::string payload =
      test::gunzip(test::read_text(FLASHSTORE_TEST_DATA "/lfs/expected/img/one-nested.float.img"));
  const uint32_t size = core::load_word(test::as_bytes(payload), kHeaderSize * kWordBytes);
  const auto bitmap = test::as_bytes(payload).subspan(size);
  const Bytes image(payload.begin(), payload.begin() + size);
  Bytes whole = image;
  relocate(whole, bitmap, 0x40296000);
  for (const size_t part : {4, 64, 100, 2048}) {
    Bytes pieces = image;
    for (size_t at = 0; at < pieces.size(); at += part) {
      relocate(std::span(pieces).subspan(at, std::min(part, pieces.size() - at)), bitmap,
               0x40296000, static_cast<uint32_t>(at / kWordBytes));
    }
    EXPECT_EQ(pieces, whole) << part;
  }
}

TEST(Relocation, WorksForChainedAddressesToo) {
  std::map<std::string, Bytes> relocatable;
  for (const test::RecordedImage& recorded : test::recorded_legacy_images()) {
    SCOPED_TRACE(recorded.file);
    const Bytes original(recorded.content.begin(), recorded.content.end());
    const ImageView view = open_image(original).value();
    const std::string tool = recorded.record["tool"];
    if (!view.dialect().chained) {
      continue;
    }
    if (!view.absolute()) {
      const Bytes bitmap = bitmap_of(original);
      Bytes image = original;
      unchain(image, bitmap);
      EXPECT_NE(image, original);
      const Bytes plain = image;
      relocate(image, bitmap, 0x40268000);
      flip_absolute(image);
      if (recorded.record["name"] == "app") {
        relocatable[tool] = image;
      }
      flip_absolute(image);
      unrelocate(image, bitmap, 0x40268000);
      EXPECT_EQ(image, plain);
      chain(image, bitmap);
      EXPECT_EQ(image, original);
    } else {
      // But for the bytes that just happened to be there.
      Bytes expected = original;
      Bytes& found = relocatable.at(tool);
      ASSERT_EQ(found.size(), expected.size());
      const ImageView other = open_image(found).value();
      EXPECT_EQ(other.base(), view.base());
      EXPECT_EQ(bitmap_of(found), bitmap_of(original));
      const Bytes bitmap = bitmap_of(original);
      for (uint32_t i = 0; (i = next_address(bitmap, i, view.words())) < view.words(); ++i) {
        EXPECT_EQ(other.word(i), view.word(i)) << i;
      }
    }
  }
  EXPECT_EQ(relocatable.size(), 3u);
}

}  // namespace
}  // namespace flashstore::luaflash
