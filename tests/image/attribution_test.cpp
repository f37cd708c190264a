#include "image/attribution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <numeric>

#include "core/bytes.h"
#include "image/built_images.h"
#include "luaflash/format.h"
#include "luaflash/relocate.h"
#include "support/files.h"
#include "support/image_reader.h"
#include "support/recorded_images.h"

namespace flashstore::image {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Pair;
using testing::UnorderedElementsAre;

uint64_t of(const KindBytes& bytes, Kind kind) {
  return bytes[static_cast<size_t>(kind)];
}

// What holds for whatever is attributed: nothing is left out, nothing counted twice.
void expect_each_byte_once(const Attribution& found, size_t payload_bytes) {
  ASSERT_EQ(found.payload_bytes, payload_bytes);
  EXPECT_EQ(std::accumulate(found.by_kind.begin(), found.by_kind.end(), uint64_t{0}),
            payload_bytes);
  uint64_t next = 0;
  std::vector<KindBytes> own(found.owners.size());
  for (const Range& range : found.ranges) {
    ASSERT_EQ(range.offset, next);
    ASSERT_GT(range.bytes, 0u);
    own.at(range.owner)[static_cast<size_t>(range.kind)] += range.bytes;
    next += range.bytes;
  }
  EXPECT_EQ(next, payload_bytes);
  uint64_t top = 0;
  std::vector<uint64_t> inside(found.owners.size());
  for (size_t i = found.owners.size(); i-- > 0;) {
    const Owner& owner = found.owners[i];
    EXPECT_EQ(owner.own, own[i]);
    EXPECT_EQ(owner.bytes, std::accumulate(own[i].begin(), own[i].end(), uint64_t{0}));
    EXPECT_EQ(owner.total, owner.bytes + inside[i]);
    ASSERT_TRUE(owner.parent == kNoOwner || owner.parent < i);
    (owner.parent == kNoOwner ? top : inside[owner.parent]) += owner.total;
  }
  EXPECT_EQ(top, payload_bytes);
}

// Bytes of each kind by the reader that shares no code with the library.
struct Independent {
  std::map<Kind, uint64_t> bytes;
  uint64_t tvalue_bytes;

  void add(const test::ReadFunction& function) {
    bytes[Kind::kProto] += 72;
    bytes[Kind::kCode] += 4 * function.code.size();
    bytes[Kind::kConstants] += tvalue_bytes * function.constants.size();
    bytes[Kind::kChildren] += 4 * function.children.size();
    bytes[Kind::kLocals] += 12 * function.locals.size();
    bytes[Kind::kUpvalueNames] += 4 * function.upvalue_names.size();
    for (const test::ReadFunction& child : function.children) {
      add(child);
    }
  }
};

void expect_kinds_of_the_reader(const Attribution& found, std::string_view payload) {
  const test::ReadImage image = test::read_image(test::as_bytes(payload));
  const uint32_t flavour = image.signature & 6;
  Independent wanted{{}, flavour == 2 ? 8u : flavour == 4 ? 12u : 16u};
  wanted.add(image.main);
  uint64_t strings = 0;
  for (const test::ReadString& string : image.strings) {
    strings += 16 + string.bytes.size() / 4 * 4 + 4;
  }
  for (const auto& [kind, bytes] : wanted.bytes) {
    const uint64_t time = kind == Kind::kConstants ? wanted.tvalue_bytes : 0;
    EXPECT_EQ(of(found.by_kind, kind), bytes - time) << name(kind);
  }
  EXPECT_EQ(of(found.by_kind, Kind::kBuildTime), wanted.tvalue_bytes);
  EXPECT_EQ(of(found.by_kind, Kind::kStrings) + of(found.by_kind, Kind::kLineMap), strings);
  EXPECT_EQ(of(found.by_kind, Kind::kHashVector), 4 * image.hash_slots);
  EXPECT_EQ(of(found.by_kind, Kind::kHeader), 32u);
  EXPECT_EQ(of(found.by_kind, Kind::kBitmap), payload.size() - image.image_bytes);
  EXPECT_EQ(of(found.by_kind, Kind::kGap), 0u);
  const auto functions =
      std::count_if(found.owners.begin(), found.owners.end(), [](const Owner& owner) {
        return owner.type == OwnerType::kFunction || owner.type == OwnerType::kMaster;
      });
  EXPECT_EQ(functions, image.function_count());
  EXPECT_EQ(found.broken_references, 0u);
}

TEST(Attribution, OwnsEachByteOfEachRecordedImageOnce) {
  for (const auto& [format, count] :
       {std::pair("pi-v1", size_t{168}), std::pair("absolute-v1", size_t{10})}) {
    const auto images = test::recorded_images(format);
    EXPECT_EQ(images.size(), count);
    for (const test::RecordedImage& image : images) {
      SCOPED_TRACE(image.file);
      const Attribution found = attribution_of(test::as_bytes(image.content));
      expect_each_byte_once(found, image.content.size());
      expect_kinds_of_the_reader(found, image.content);
    }
  }
}

TEST(Attribution, OwnsEachByteOfEachImageOf2018Once) {
  const auto images = test::recorded_legacy_images();
  EXPECT_EQ(images.size(), 11u);
  for (const test::RecordedImage& image : images) {
    SCOPED_TRACE(image.file);
    const Attribution found = attribution_of(test::as_bytes(image.content));
    expect_each_byte_once(found, image.content.size());
    EXPECT_EQ(of(found.by_kind, Kind::kGap), 0u);
    EXPECT_EQ(found.broken_references, 0u);
    EXPECT_EQ(of(found.by_kind, Kind::kBuildTime), 16u);
    EXPECT_GT(of(found.by_kind, Kind::kLineMap), 0u);
    const bool is_app = image.record["name"].get<std::string>().starts_with("app");
    EXPECT_EQ(found.owners[3].name, is_app ? "_init" : "consts");
  }
}

TEST(Attribution, IsTheSameWhereverAnImageLies) {
  const auto payload = build({{"a.lua", "local t = {} function t.f() return print end return t"}});
  auto image = std::vector(payload);
  const uint32_t bytes = core::load_word(payload, 4);
  image.resize(bytes);
  luaflash::relocate(image, std::span(payload).subspan(bytes), 0x40280000);
  core::store_word(image, 0, core::load_word(image, 0) | luaflash::kAbsoluteBit);
  const Attribution relocatable = attribution_of(payload);
  const Attribution absolute = attribution_of(image);
  expect_each_byte_once(absolute, bytes);
  for (size_t i = 1; i < relocatable.owners.size(); ++i) {
    EXPECT_EQ(relocatable.owners[i].own, absolute.owners[i].own);
    EXPECT_EQ(relocatable.owners[i].fingerprint, absolute.owners[i].fingerprint);
  }
  EXPECT_EQ(of(absolute.by_kind, Kind::kBitmap), 0u);
}

// The image at the end of FORMAT.md.
TEST(Attribution, OwnsTheImageOfThePageAsThePageSays) {
  const auto payload = build({{"hi.lua", "print 'hi'"}}, 1518283691);
  const Attribution found = attribution_of(payload);
  std::vector<std::string> told;
  for (const Range& range : found.ranges) {
    char where[32];
    std::snprintf(where, sizeof where, "%02X +%u ", range.offset / 4, range.bytes / 4);
    told.push_back(where + std::string(name(range.kind)) + ": " + path(found, range.owner));
  }
  EXPECT_THAT(told,
              ElementsAre("00 +8 header: image",             //
                          "08 +8 hash vector: image",        //
                          "10 +5 strings: shared",           // "hi": the module's name as well
                          "15 +6 strings: hi > main chunk",  // "@hi.lua"
                          "1B +5 line map: hi > main chunk",
                          "20 +6 strings: master",           // "=(luac)"
                          "26 +6 strings: hi > main chunk",  // "print"
                          "2C +6 constants: hi > main chunk", "32 +4 code: hi > main chunk",
                          "36 +18 Proto: hi > main chunk", "48 +1 child vector: master",
                          "49 +3 constants: master", "4C +3 build time: master",
                          "4F +10 code: master", "59 +18 Proto: master", "6B +4 bitmap: image"));
}

// Owners of the strings of an image by their text.
std::map<std::string, std::string> owners_of_strings(std::span<const uint8_t> payload) {
  const Attribution found = attribution_of(payload);
  std::map<std::string, std::string> owners;
  for (const test::ReadString& string : test::read_image(payload).strings) {
    const auto range =
        std::find_if(found.ranges.begin(), found.ranges.end(),
                     [&](const Range& each) { return each.offset == string.offset * 4; });
    EXPECT_NE(range, found.ranges.end());
    owners[string.bytes] = path(found, range->owner) + ": " + name(range->kind);
  }
  return owners;
}

TEST(Attribution, AStringBelongsToTheNarrowestThatUsesIt) {
  const auto owners = owners_of_strings(build({
      {"one.lua",
       "local a = 'in main'\n"
       "function f() return 'in f', 'in f and g', 'everywhere' end\n"
       "function g() return 'in f and g', 'everywhere', 'two' end"},
      {"two.lua", "return 'everywhere', 'in two'"},
  }));
  EXPECT_EQ(owners.at("in main"), "one > main chunk: strings");
  EXPECT_EQ(owners.at("in f"), "one > f (2): strings");
  EXPECT_EQ(owners.at("in f and g"), "one: strings");
  EXPECT_EQ(owners.at("everywhere"), "shared: strings");
  EXPECT_EQ(owners.at("in two"), "two > main chunk: strings");
  EXPECT_EQ(owners.at("@one.lua"), "one: strings");
  EXPECT_EQ(owners.at("one"), "master: strings");
  EXPECT_EQ(owners.at("two"), "shared: strings") << "the master and module one use it";
  EXPECT_EQ(owners.at("=(luac)"), "master: strings");
}

TEST(Attribution, ALineMapThatIsAlsoATextIsAString) {
  const std::string map = "\x01";  // one instruction on line 1, as an empty file has it
  auto owners = owners_of_strings(build({{"a.lua", ""}}));
  EXPECT_EQ(owners.at(map), "a > main chunk: line map");
  owners = owners_of_strings(build({{"a.lua", ""}, {"b.lua", ""}}));
  EXPECT_EQ(owners.at(map), "shared: line map");
  owners = owners_of_strings(build({{"a.lua", ""}, {"b.lua", "return '\\1'"}}));
  EXPECT_EQ(owners.at(map), "shared: strings");
}

TEST(Attribution, KeptNamesHaveTheirOwner) {
  const auto payload = build({{"a.lua", "local x, y = 1 return function() return x, y end"}}, 1,
                             luac::Flavour::kInt, true);
  const Attribution found = attribution_of(payload);
  expect_each_byte_once(found, payload.size());
  EXPECT_EQ(of(found.by_kind, Kind::kLocals), 24u);
  EXPECT_EQ(of(found.by_kind, Kind::kUpvalueNames), 8u);
  EXPECT_EQ(owners_of_strings(payload).at("x"), "a: strings");
}

std::vector<std::string> functions(const std::string& text) {
  const Attribution found = attribution_of(build({{"m.lua", text}}));
  std::vector<std::string> labels;
  for (uint32_t i = 0; i < found.owners.size(); ++i) {
    if (found.owners[i].type == OwnerType::kFunction) {
      labels.push_back(path(found, i));
    }
  }
  return labels;
}

TEST(Attribution, FunctionsAreCalledWhatTheCodeAroundThemCallsThem) {
  EXPECT_THAT(functions("function one() end\n"
                        "two = function() end\n"
                        "function t.three() end\n"
                        "function t.u.four() end\n"
                        "function t.u:five(a)\nend\n"
                        "local m = {six = function() end}\n"
                        "function m.seven() end\n"
                        "local function eight() end\n"
                        "return function()\n\nend"),
              ElementsAre("m > main chunk", "m > one (1)", "m > two (2)", "m > t.three (3)",
                          "m > t.u.four (4)", "m > t.u.five (5-6)", "m > six (7)", "m > seven (8)",
                          "m > function (9)", "m > function (10-12)"));
}

TEST(Attribution, NamesAreSeenBehindUpvalues) {
  EXPECT_THAT(
      functions("local a, b, m = 1, 2, {}\n"
                "function one() return a, b end\n"
                "function m.two() return b, function() three = function() return a end end end"),
      ElementsAre("m > main chunk", "m > one (2)", "m > two (3)", "m > two (3) > function (3)",
                  "m > two (3) > function (3) > three (3)"));
}

TEST(Attribution, NamesThatAreNoNamesAreLeftOut) {
  EXPECT_THAT(functions("t[1] = function() end\n"
                        "t[x] = function() end\n"
                        "f(function() end)\n"
                        "local x = function() end\n"
                        "local m, v = {} local z = function() end m.u = v"),
              ElementsAre("m > main chunk", "m > function (1)", "m > function (2)",
                          "m > function (3)", "m > function (4)", "m > function (5)"));
}

TEST(Attribution, TablesAreNamedOnlyByWhatWasPutIntoThem) {
  EXPECT_THAT(functions("local m, g = {}\n"
                        "g = global function m.one() end\n"
                        "local t = u function t.v.two() end"),
              ElementsAre("m > main chunk", "m > one (2)", "m > u.v.two (3)"));
}

TEST(Attribution, LongNamesAreCut) {
  const std::string text = functions("t['" + std::string(1000, 'x') + "'] = function() end")[1];
  EXPECT_EQ(text, "m > t." + std::string(kMaxNameBytes - 2, 'x') + " (1)");
}

// --- images no compiler makes ---

class Damage : public testing::Test {
 protected:
  void set(uint32_t word, uint32_t value) { core::store_word(payload_, size_t{word} * 4, value); }
  uint32_t get(uint32_t word) const { return core::load_word(payload_, size_t{word} * 4); }

  Attribution attribute_it() const {
    const Attribution found = attribution_of(payload_);
    expect_each_byte_once(found, payload_.size());
    return found;
  }

  static constexpr uint32_t kString = 0x10, kModuleProto = 0x36, kChildVector = 0x48,
                            kMaster = 0x59;

  std::vector<uint8_t> payload_ = build({{"hi.lua", "print 'hi'"}});
};

TEST_F(Damage, OfAnyByteLeavesNoneWithoutOwner) {
  const auto sound = payload_;
  for (size_t i = 0; i < sound.size(); ++i) {
    for (const uint8_t flip : {0x01, 0x80, 0xFF}) {
      payload_ = sound;
      payload_[i] ^= flip;
      if (luaflash::open_image(payload_).ok()) {
        attribute_it();
      }
    }
  }
}

TEST_F(Damage, OfAnySizeLeavesNoneWithoutOwner) {
  const auto sound = payload_;
  for (uint32_t words = 8; words < 0x6B; ++words) {
    payload_.assign(sound.begin(), sound.begin() + words * 4);
    set(luaflash::kHeaderSize, words * 4);
    if (luaflash::open_image(payload_).ok()) {
      EXPECT_GT(attribute_it().broken_references, 0u);
    }
  }
}

TEST_F(Damage, BytesBehindAnImageAreAGap) {
  payload_.insert(payload_.end(), 7, 0xFF);
  const Attribution found = attribute_it();
  EXPECT_EQ(of(found.by_kind, Kind::kGap), 7u);
  EXPECT_EQ(of(found.by_kind, Kind::kBitmap), 16u);
}

TEST_F(Damage, WhatFollowsAnAbsoluteImageIsAGap) {
  const uint32_t bytes = get(luaflash::kHeaderSize);
  luaflash::relocate(std::span(payload_).first(bytes),
                     std::vector(payload_.begin() + bytes, payload_.end()), 0x40280000);
  set(0, get(0) | luaflash::kAbsoluteBit);
  const Attribution found = attribute_it();
  EXPECT_EQ(of(found.by_kind, Kind::kGap), 16u);
  EXPECT_EQ(found.broken_references, 0u);
}

TEST_F(Damage, WhatFollowsAnImageOf2018IsAGap) {
  const std::string image = test::recorded_legacy_images().front().content;
  payload_.assign(image.begin(), image.end());
  payload_.resize(payload_.size() + 100);
  EXPECT_EQ(of(attribute_it().by_kind, Kind::kGap), 100u);
}

TEST_F(Damage, ABitmapCutShortIsWhatIsThere) {
  payload_.resize(payload_.size() - 9);
  EXPECT_EQ(of(attribute_it().by_kind, Kind::kBitmap), 7u);
}

TEST_F(Damage, AStringNobodyUsesIsTheImages) {
  set(kModuleProto + luaflash::kProtoSource, 0);
  const Attribution found = attribute_it();
  EXPECT_EQ(of(found.owners[0].own, Kind::kStrings), 24u);
  EXPECT_EQ(found.broken_references, 0u);
}

TEST_F(Damage, AStringInNoBucketIsFoundWhereItIsUsed) {
  const auto sound = of(attribute_it().by_kind, Kind::kStrings);
  for (uint32_t i = 0; i < get(luaflash::kHeaderHashSlots); ++i) {
    set(luaflash::kHeaderWords + i, 0);
  }
  EXPECT_EQ(of(attribute_it().by_kind, Kind::kStrings), sound);
}

TEST_F(Damage, ABucketThatNeverEndsIsLeftInTime) {
  set(kString + luaflash::kStringNext, kString);
  EXPECT_GT(attribute_it().broken_references, 0u);
}

TEST_F(Damage, AFunctionInsideItselfIsOneFunction) {
  set(kModuleProto + luaflash::kProtoChildren, kChildVector);
  set(kModuleProto + luaflash::kProtoChildCount, 1);
  const Attribution found = attribute_it();
  EXPECT_EQ(found.owners.size(), 5u);
  EXPECT_GT(found.broken_references, 0u);
}

TEST_F(Damage, VectorsThatOverlapBelongToTheFirst) {
  set(kModuleProto + luaflash::kProtoCode, get(kModuleProto + luaflash::kProtoConstants));
  const Attribution found = attribute_it();
  EXPECT_EQ(of(found.by_kind, Kind::kConstants), 36u);
  EXPECT_EQ(of(found.by_kind, Kind::kCode), 40u);
  EXPECT_EQ(of(found.by_kind, Kind::kGap), 16u);
  EXPECT_EQ(found.broken_references, 1u);
}

TEST_F(Damage, WithoutAMainFunctionAllButStringsIsAGap) {
  set(luaflash::kHeaderMain, 0);
  const Attribution found = attribute_it();
  EXPECT_EQ(of(found.by_kind, Kind::kGap), uint64_t{0x6B - 0x2C} * 4);
  EXPECT_EQ(found.owners.size(), 3u);
}

// A header, a string, and a chain of functions each inside the one behind it.
std::vector<uint8_t> nested(uint32_t depth) {
  constexpr uint32_t kFirst = 15;
  constexpr uint32_t kStep = luaflash::kProtoWords + 1;  // a Proto behind its child vector
  const uint32_t words = kFirst + depth * kStep;
  std::vector<uint8_t> image(size_t{words} * 4);
  const auto set = [&](uint32_t word, uint32_t value) {
    core::store_word(image, size_t{word} * 4, value);
  };
  set(luaflash::kHeaderSignature, luaflash::kSignatureInt);
  set(luaflash::kHeaderSize, words * 4);
  set(luaflash::kHeaderMain, words - luaflash::kProtoWords);
  set(luaflash::kHeaderHashVector, luaflash::kHeaderWords);
  set(luaflash::kHeaderStringCount, 1);
  set(luaflash::kHeaderHashSlots, 2);
  set(8, 10);
  set(10 + luaflash::kStringTypeMark, luaflash::kStringMark);
  for (uint32_t i = 1; i < depth; ++i) {
    const uint32_t vector = kFirst + i * kStep;
    set(vector, vector - luaflash::kProtoWords);
    set(vector + 1 + luaflash::kProtoChildren, vector);
    set(vector + 1 + luaflash::kProtoChildCount, 1);
  }
  return image;
}

TEST(Attribution, FunctionsNestedTooDeeplyAreAGap) {
  const Attribution deepest = attribution_of(nested(kMaxDepth + 1));
  EXPECT_EQ(of(deepest.by_kind, Kind::kProto), (kMaxDepth + 1) * 72);
  EXPECT_EQ(deepest.broken_references, 0u);
  const auto image = nested(3400);
  const Attribution found = attribution_of(image);
  expect_each_byte_once(found, image.size());
  EXPECT_EQ(of(found.by_kind, Kind::kProto), (kMaxDepth + 1) * 72);
  EXPECT_EQ(found.broken_references, 1u);
}

}  // namespace
}  // namespace flashstore::image
