// What recorded images cannot show: the flavours' sizes, nil and boolean constants, kept names,
// limits.
#include "luac/image_writer.h"

#include <gtest/gtest.h>

#include <map>

#include "core/bytes.h"
#include "luac/compiler.h"
#include "luac/master.h"
#include "luac/strip.h"
#include "luaflash/format.h"

namespace flashstore::luac {
namespace {

using namespace luaflash;

Function root_of(std::string_view text, bool names) {
  Function module = std::move(compile(text, "@m.lua", Flavour::kFloat).value().main);
  if (!names) {
    strip(module, Strip::kNames);
  }
  std::vector<Module> modules;
  modules.push_back(make_module(std::move(module)));
  return make_master(std::move(modules), 1);
}

uint32_t word(const Image& image, uint32_t index) {
  return core::load_word(image.payload, index * 4);
}

constexpr std::string_view kText = "local a, b = 1.5, 'text' return nil == a, b";

TEST(ImageWriter, HeaderNamesFlavourSizeAndHashVector) {
  const std::map<Flavour, uint32_t> signatures{
      {Flavour::kFloat, 0xFAFAA154}, {Flavour::kInt, 0xFAFAA152}, {Flavour::kDword, 0xFAFAA150}};
  for (const auto& [flavour, signature] : signatures) {
    const Image image = write_image(root_of("return 7", false), flavour);
    EXPECT_EQ(word(image, kHeaderSignature), signature);
    EXPECT_EQ(word(image, kHeaderSize), image.image_bytes);
    EXPECT_EQ(word(image, kHeaderHashVector), kHeaderWords);
    EXPECT_EQ(word(image, kHeaderMain) + kProtoWords, image.image_bytes / 4) << "main comes last";
    EXPECT_EQ(word(image, kHeaderHashSlots), 8u);
    EXPECT_EQ(word(image, kHeaderStringCount), 4u);
  }
}

TEST(ImageWriter, AConstantTakesAsManyWordsAsItsFlavourSays) {
  const Function root = root_of("return 1, 2, 3, 4, 5", false);
  const auto bytes = [&root](Flavour flavour) { return write_image(root, flavour).image_bytes; };
  const uint32_t constants = 7;  // of the module, and the master's name and time
  EXPECT_EQ(bytes(Flavour::kFloat) - bytes(Flavour::kInt), constants * 4);
  EXPECT_EQ(bytes(Flavour::kDword) - bytes(Flavour::kFloat), constants * 4);
}

TEST(ImageWriter, KeptNamesAreStringsOfTheImage) {
  const Image with = write_image(root_of(kText, true), Flavour::kFloat);
  const Image without = write_image(root_of(kText, false), Flavour::kFloat);
  EXPECT_EQ(word(with, kHeaderStringCount), word(without, kHeaderStringCount) + 2);
}

TEST(ImageWriter, AbsoluteImagesDifferInAddressesAndOneBit) {
  const Image image = write_image(root_of(kText, false), Flavour::kFloat);
  const uint32_t base = 0x40210000;
  const std::vector<uint8_t> absolute = make_absolute(image, base);
  ASSERT_EQ(absolute.size(), image.image_bytes);
  EXPECT_EQ(core::load_word(absolute, 0), kSignatureFloat | kAbsoluteBit);
  uint32_t addresses = 0;
  for (uint32_t i = 1; i < image.image_bytes / 4; ++i) {
    const bool tagged = (image.bitmap()[i / 8] >> i % 8 & 1) != 0;
    addresses += tagged;
    EXPECT_EQ(core::load_word(absolute, i * 4),
              tagged ? word(image, i) * 4 + base : word(image, i));
  }
  EXPECT_GT(addresses, 10u);
}

TEST(ImageWriter, TheSameFunctionsAlwaysGiveTheSameBytes) {
  const Function root = root_of(kText, false);
  EXPECT_EQ(write_image(root, Flavour::kFloat).payload, write_image(root, Flavour::kFloat).payload);
}

}  // namespace
}  // namespace flashstore::luac
