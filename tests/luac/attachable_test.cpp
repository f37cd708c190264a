// Images that are made to be attached beside another one, and what devices make of them.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "luac/compiler.h"
#include "luac/image_writer.h"
#include "luac/master.h"
#include "luac/strip.h"
#include "luaflash/attach.h"
#include "luaflash/boot_check.h"
#include "luaflash/format.h"
#include "luaflash/relocate.h"

namespace flashstore::luac {
namespace {

using namespace luaflash;

constexpr uint32_t kLfs = 0x402A0000;
constexpr uint32_t kFile = 0x402C0000;

constexpr const char* kBaseSource =
    "local M = {}\nfunction M.run(x) print(x, 'both') end\nreturn M";
constexpr const char* kSource =
    "local N = {}\nfunction N.run(x) print(x, 'both', 'mine') end\nreturn N";

Function root_of(std::string_view text, const std::string& name, Flavour flavour) {
  Function module = std::move(compile(text, "@" + name + ".lua", flavour).value().main);
  strip(module, Strip::kNames);
  std::vector<Module> modules;
  modules.push_back(make_module(std::move(module)));
  return make_master(std::move(modules), 1);
}

using Bytes = std::vector<uint8_t>;

struct Pair {
  explicit Pair(Flavour numbers = Flavour::kFloat, std::string_view source = kSource,
                const std::string& module = "mine")
      : flavour(numbers),
        lfs(make_absolute(write_image(root_of(kBaseSource, "base", numbers), numbers), kLfs)),
        base(read_base(lfs)),
        file(make_attachable(write_image(root_of(source, module, numbers), numbers, base), kFile,
                             base)) {}

  AttachVerdict judge(uint32_t address = kFile) const {
    const BaseStrings strings(lfs, kLfs);
    Bytes bitmap(bitmap_words(static_cast<uint32_t>(file.size())) * 4);
    return attach_check(file, address, signature(flavour), &strings, bitmap);
  }

  uint32_t word(uint32_t index) const { return core::load_word(file, size_t{index} * 4); }

  // With the checksum of what it is then.
  void change(uint32_t index, uint32_t word) {
    core::store_word(file, size_t{index} * 4, word);
    core::store_word(file, kHeaderCheck * 4, attach_checksum(file));
  }

  // The word that is the address of this string of the base, plus so many words.
  uint32_t use_of(const std::string& text, uint32_t skip = 0) const {
    for (uint32_t i = kHeaderWords; i < file.size() / 4; ++i) {
      if (word(i) == base.strings.at(text) + skip * 4) {
        return i;
      }
    }
    return 0;
  }

  Flavour flavour;
  Bytes lfs;
  BaseImage base;
  Bytes file;
};

std::multiset<std::string> strings_of(const ImageView& image) {
  std::multiset<std::string> strings;
  uint32_t at = image.strings_begin();
  for (uint32_t left = image.string_count(); left > 0; --left) {
    const StringObject string = image.string_at(at).value();
    strings.emplace(string.bytes.begin(), string.bytes.end());
    at = string.end;
  }
  return strings;
}

// Of main chunks that both images have.
std::string shared_map() {
  return root_of(kBaseSource, "base", Flavour::kFloat).children[0].line_map;
}

class Attachable : public ::testing::TestWithParam<Flavour> {};

TEST_P(Attachable, EachStringIsInOneOfTheTwoImagesAndOnce) {
  const Pair pair(GetParam());
  const auto own = strings_of(map_image(pair.file, ImageUse::kAttach).value());
  const Bytes alone = write_image(root_of(kSource, "mine", GetParam()), GetParam()).payload;
  std::multiset<std::string> wanted;
  for (const std::string& text : strings_of(open_image(alone).value())) {
    if (!pair.base.strings.contains(text)) {
      wanted.insert(text);
    }
  }
  EXPECT_EQ(own, wanted);
  EXPECT_TRUE(own.contains("mine"));
  EXPECT_FALSE(own.contains("print"));
  for (const char* shared : {"print", "both", "run", "=(luac)"}) {
    EXPECT_NE(pair.use_of(shared), 0u) << shared;
  }
  EXPECT_NE(pair.use_of(shared_map(), kStringHeaderWords), 0u) << "a line map";
}

TEST_P(Attachable, DevicesTakeIt) {
  const Pair pair(GetParam());
  const AttachVerdict verdict = pair.judge();
  EXPECT_TRUE(verdict.ok()) << int(verdict.finding) << " " << name(verdict.structure.finding) << "@"
                            << verdict.structure.offset;
  EXPECT_EQ(verdict.address, kFile);
}

TEST_P(Attachable, HasNoStringIfTheBaseHasThemAll) {
  const Pair pair(GetParam(), kBaseSource, "base");
  EXPECT_EQ(pair.word(kHeaderStringCount), 0u);
  EXPECT_EQ(pair.word(kHeaderHashSlots), 1u);
  EXPECT_TRUE(pair.judge().ok());
}

TEST_P(Attachable, TheSameSourcesAlwaysGiveTheSameBytes) {
  EXPECT_EQ(Pair(GetParam()).file, Pair(GetParam()).file);
}

TEST_P(Attachable, WithoutABaseItIsAnAbsoluteImageButForItsHeader) {
  const Image image = write_image(root_of(kSource, "mine", GetParam()), GetParam());
  const Bytes absolute = make_absolute(image, kFile);
  const Bytes file = make_attachable(image, kFile, {});
  EXPECT_EQ(core::load_word(file, 0),
            kSignatureFixed | kVersionAttach | (core::load_word(absolute, 0) & 0xF));
  EXPECT_EQ(core::load_word(file, kHeaderBase * 4), 0u);
  constexpr size_t kSame = kHeaderBase * 4;
  EXPECT_EQ(Bytes(file.begin() + 4, file.begin() + kSame),
            Bytes(absolute.begin() + 4, absolute.begin() + kSame));
  EXPECT_EQ(Bytes(file.begin() + kHeaderWords * 4, file.end()),
            Bytes(absolute.begin() + kHeaderWords * 4, absolute.end()));
  Bytes bitmap(bitmap_words(image.image_bytes) * 4);
  EXPECT_TRUE(attach_check(file, kFile, signature(GetParam()), nullptr, bitmap).ok());
}

TEST_P(Attachable, IsNoImageForLfs) {
  const Pair pair(GetParam());
  EXPECT_EQ(boot_check(pair.file, kFile, signature(GetParam())), BootVerdict::kWrongSignature);
  EXPECT_EQ(open_image(pair.file).error(), ImageError::kAttach);
  EXPECT_EQ(map_image(pair.file).error(), ImageError::kAttach);
}

INSTANTIATE_TEST_SUITE_P(Flavours, Attachable, ::testing::ValuesIn([] {
                           std::vector<Flavour> all;
                           for (const auto& [name, flavour] : kFlavourNames) {
                             all.push_back(flavour);
                           }
                           return all;
                         }()),
                         [](const auto& each) { return std::string(name(each.param)); });

// --- what devices refuse ---

TEST(AttachCheck, OtherImagesAreNoneToAttach) {
  Pair pair;
  for (const Bytes& other : {pair.lfs, Bytes(200, 0xFF), Bytes(), Bytes(31, 0x55)}) {
    pair.file = other;
    EXPECT_EQ(pair.judge().finding, AttachFinding::kNoImage);
  }
}

TEST(AttachCheck, AnImageIsForOneTypeOfNumbers) {
  Pair pair;
  pair.flavour = Flavour::kInt;
  EXPECT_EQ(pair.judge().finding, AttachFinding::kFlavour);
}

TEST(AttachCheck, AnImageIsForOneAddress) {
  const AttachVerdict verdict = Pair().judge(kFile + 0x10000);
  EXPECT_EQ(verdict.finding, AttachFinding::kAddress);
  EXPECT_EQ(verdict.address, kFile);
}

TEST(AttachCheck, AnImageGoesWithOneBase) {
  Pair pair;
  Bytes bitmap(pair.file.size());
  const uint32_t flavour = signature(pair.flavour);
  EXPECT_EQ(attach_check(pair.file, kFile, flavour, nullptr, bitmap).finding, AttachFinding::kBase);
  pair.lfs[pair.lfs.size() - 1] ^= 1;
  EXPECT_EQ(pair.judge().finding, AttachFinding::kBase);
}

TEST(AttachCheck, TheBaseIsTheSameIfItsSignatureDoesNotSayThatItIsRelocated) {
  Pair pair;
  pair.lfs[0] &= static_cast<uint8_t>(~kAbsoluteBit);
  EXPECT_TRUE(pair.judge().ok());
}

TEST(AttachCheck, NoBitCanChange) {
  Pair pair;
  for (size_t bit = 0; bit < pair.file.size() * 8; ++bit) {
    pair.file[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
    EXPECT_FALSE(pair.judge().ok()) << bit;
    pair.file[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
  }
}

TEST(AttachCheck, NothingIsMissingOrBehindIt) {
  Pair pair;
  pair.file.push_back(0);
  EXPECT_EQ(pair.judge().finding, AttachFinding::kCheck);
  pair.file.resize(pair.file.size() + 3);
  pair.change(kHeaderCheck, 0);
  EXPECT_EQ(pair.judge().finding, AttachFinding::kCheck) << "with a checksum of it all";
  pair.file.resize(pair.file.size() - 8);
  EXPECT_EQ(pair.judge().finding, AttachFinding::kNoImage);
}

// With a checksum that is right: what was made wrongly.
TEST(AttachCheck, AddressesInTheBaseLeadToItsStrings) {
  const Pair pair;
  const uint32_t use = pair.use_of("print");
  for (const uint32_t wrong :
       {pair.base.strings.at("print") + 4, pair.base.strings.at("print") - 4,
        pair.base.strings.at("print") + 1, kLfs, kLfs + 4 * kHeaderWords,
        kLfs + pair.base.bytes - 4 * kProtoWords, kLfs + pair.base.bytes, kLfs - 4, 0u, 4u}) {
    Pair bad = pair;
    bad.change(use, wrong);
    const AttachVerdict verdict = bad.judge();
    EXPECT_EQ(verdict.finding, AttachFinding::kStructure) << std::hex << wrong;
    EXPECT_EQ(verdict.structure.finding, StructureFinding::kStringAddress) << std::hex << wrong;
    EXPECT_EQ(verdict.structure.offset, use);
  }
}

TEST(AttachCheck, ALineMapOfTheBaseHasToFit) {
  Pair pair;
  const uint32_t use = pair.use_of(shared_map(), kStringHeaderWords);
  ASSERT_NE(use, 0u);
  pair.change(use, pair.base.strings.at("print") + kStringHeaderWords * 4);
  EXPECT_EQ(pair.judge().structure.finding, StructureFinding::kLineMap);
}

TEST(AttachCheck, NoStringOfTheBaseIsThereAgain) {
  Pair pair;
  BaseImage without = pair.base;
  without.strings.erase("both");
  pair.file = make_attachable(
      write_image(root_of(kSource, "mine", pair.flavour), pair.flavour, without), kFile, without);
  const AttachVerdict verdict = pair.judge();
  EXPECT_EQ(verdict.structure.finding, StructureFinding::kDuplicate);
}

// Whoever flashed the base may not have checked it.
TEST(BaseStrings, NothingOutsideIsReadAndNoChainIsEndless) {
  const Pair pair;
  for (uint32_t word = 1; word < pair.lfs.size() / 4; ++word) {
    for (const uint32_t value : {0u, 1u, kLfs, kLfs + 4 * word, 0xFFFFFFFFu, kLfs + 0x100u}) {
      Pair bad = pair;
      core::store_word(bad.lfs, size_t{word} * 4, value);
      bad.change(kHeaderBase, BaseStrings::identity_of(bad.lfs));
      EXPECT_NE(bad.judge().finding, AttachFinding::kBase);
    }
  }
}

}  // namespace
}  // namespace flashstore::luac
