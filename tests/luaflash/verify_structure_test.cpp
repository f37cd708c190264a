#include "luaflash/verify_structure.h"

#include <gmock/gmock.h>

#include <bit>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "luac/compiler.h"
#include "luac/image_writer.h"
#include "luac/master.h"
#include "luaflash/format.h"
#include "luaflash/opcodes.h"
#include "luaflash/relocate.h"
#include "luaflash/string_hash.h"
#include "support/files.h"
#include "support/image_reader.h"
#include "support/recorded_images.h"

namespace flashstore::luaflash {
namespace {

using test::as_bytes;
using test::RecordedImage;
using testing::StartsWith;

struct Seen {
  std::string verdict;  // "name@offset"; "none@0" if all is well
  std::string bitmap;
  bool ok = false;
};

Seen verify(std::span<const uint8_t> bytes) {
  const auto view = open_image(bytes);
  if (!view) {
    return {std::string("no image: ") + name(view.error()), "", false};
  }
  const ImageView& image = view.value();
  std::vector<uint8_t> bitmap(bitmap_words(image.words() * 4) * 4, 0xA5);
  StructureVerdict verdict = verify_structure(image, bitmap);
  if (verdict.ok()) {
    verdict = verify_addresses(image, bitmap);
  }
  return {std::string(name(verdict.finding)) + "@" + std::to_string(verdict.offset),
          test::as_text(bitmap), verdict.ok()};
}

Seen verify(std::string_view bytes) {
  return verify(as_bytes(bytes));
}

TEST(VerifyStructure, AcceptsEveryRecordedBuildAndFindsItsBitmap) {
  for (const RecordedImage& image : test::recorded_images("pi-v1")) {
    SCOPED_TRACE(image.file);
    const Seen seen = verify(image.content);
    EXPECT_EQ(seen.verdict, "none@0");
    EXPECT_EQ(seen.bitmap, image.content.substr(image.record["image_size"]));
  }
}

TEST(VerifyStructure, FindsTheBitmapOfAnAbsoluteImage) {
  std::map<std::vector<std::string>, std::string> bitmaps;  // by files and signature
  for (const RecordedImage& image : test::recorded_images("pi-v1")) {
    auto key = image.record["files"].get<std::vector<std::string>>();
    key.push_back(image.record["flavour"]);
    bitmaps[key] = image.content.substr(image.record["image_size"]);
  }
  size_t compared = 0;
  for (const RecordedImage& image : test::recorded_images("absolute-v1")) {
    SCOPED_TRACE(image.file);
    const Seen seen = verify(image.content);
    EXPECT_EQ(seen.verdict, "none@0");
    auto key = image.record["files"].get<std::vector<std::string>>();
    key.push_back(image.record["flavour"]);
    if (bitmaps.contains(key)) {
      EXPECT_EQ(seen.bitmap, bitmaps[key]);
      ++compared;
    }
  }
  EXPECT_GE(compared, 8u);
}

TEST(VerifyStructure, AcceptsEarlierGenerations) {
  for (const RecordedImage& image : test::recorded_legacy_images()) {
    EXPECT_EQ(verify(image.content).verdict, "none@0") << image.file;
  }
}

TEST(VerifyStructure, AcceptsNamesOfLocalsAndUpvalues) {
  const std::string source =
      "local a, b = 1, 2\nlocal function f(x) local y = a + x; return function() return y + b end "
      "end\nreturn f";
  auto chunk = luac::compile(source, "@names.lua", luac::Flavour::kFloat);
  ASSERT_TRUE(chunk);
  ASSERT_FALSE(chunk.value().main.children[0].upvalue_names.empty());
  for (const luac::Flavour flavour :
       {luac::Flavour::kFloat, luac::Flavour::kInt, luac::Flavour::kDword}) {
    const luac::Image image =
        luac::write_image(luac::make_master({luac::make_module(chunk.value().main)}, 0), flavour);
    EXPECT_EQ(verify(image.payload).verdict, "none@0");
    EXPECT_EQ(verify(luac::make_absolute(image, 0x40210000)).verdict, "none@0");
  }
}

TEST(VerifyStructure, ALineMapEndsWithItsString) {
  auto chunk = luac::compile("return 1", "@x.lua", luac::Flavour::kFloat);
  luac::Function& function = chunk.value().main;
  const auto verdict = [&](const std::string& map) {
    function.line_map = map;
    return verify(luac::write_image(luac::make_master({luac::make_module(function)}, 0),
                                    luac::Flavour::kFloat)
                      .payload)
        .verdict;
  };
  ASSERT_EQ(function.code.size(), 3u);
  EXPECT_EQ(verdict("\x03"), "none@0");
  EXPECT_THAT(verdict(std::string("\x03\0", 2)), StartsWith("line-map@"));
  EXPECT_THAT(verdict(std::string("\x03\0\x01", 3)), StartsWith("line-map@"));
  EXPECT_THAT(verdict("\x03\x80"), StartsWith("line-map@"));
  EXPECT_THAT(verdict("\x02"), StartsWith("line-map@"));
  EXPECT_THAT(verdict("\x04"), StartsWith("line-map@"));
}

// --- one flaw at a time ---

// An image and its bitmap.
std::vector<uint8_t> image_of(std::vector<uint32_t> words, const std::vector<bool>& marked) {
  const size_t size = words.size();
  words.resize(size + bitmap_words(static_cast<uint32_t>(size * 4)));
  for (size_t i = 0; i < size; ++i) {
    words[size + i / 32] |= uint32_t{marked[i]} << i % 32;
  }
  std::vector<uint8_t> bytes(words.size() * 4);
  for (size_t i = 0; i < words.size(); ++i) {
    core::store_word(bytes, i * 4, words[i]);
  }
  return bytes;
}

// An image of these strings, in this order, and a main function that does nothing.
std::vector<uint8_t> image_with(const std::vector<std::string>& strings) {
  const auto slots = std::bit_floor(static_cast<uint32_t>(strings.size())) * 2;
  std::vector<uint32_t> words = {
      kSignatureFloat, 0, 0, kHeaderWords, static_cast<uint32_t>(strings.size()), slots, 0, 0};
  words.resize(kHeaderWords + slots);
  std::vector<uint32_t> marked = {kHeaderMain, kHeaderHashVector};
  for (const std::string& string : strings) {
    const auto at = static_cast<uint32_t>(words.size());
    const auto length = static_cast<uint32_t>(string.size());
    uint32_t& slot = words[kHeaderWords + (string_hash(string) & (slots - 1))];
    const uint32_t next = slot;
    slot = at;
    words.insert(words.end(), {next, kStringMark, string_hash(string), length});
    words.resize(words.size() + length / 4 + 1);
    for (uint32_t i = 0; i < length; ++i) {
      words[at + 4 + i / 4] |= uint32_t{static_cast<uint8_t>(string[i])} << i % 4 * 8;
    }
    if (next != 0) {
      marked.push_back(at);
    }
  }
  for (uint32_t slot = 0; slot < slots; ++slot) {
    if (words[kHeaderWords + slot] != 0) {
      marked.push_back(kHeaderWords + slot);
    }
  }
  const auto code = static_cast<uint32_t>(words.size());
  words.push_back(encode_abc(kOpReturn, 0, 1, 0));
  words.resize(words.size() + kProtoWords);
  words[code + 1 + kProtoCode] = code;
  words[code + 1 + kProtoCodeCount] = 1;
  words[code + 1 + kProtoTraits] = 2u << 24;
  marked.push_back(code + 1 + kProtoCode);
  words[kHeaderMain] = code + 1;
  words[kHeaderSize] = static_cast<uint32_t>(words.size() * 4);
  std::vector<bool> marks(words.size());
  for (const uint32_t at : marked) {
    marks[at] = true;
  }
  return image_of(words, marks);
}

TEST(VerifyStructure, AcceptsNoStringTwice) {
  EXPECT_EQ(verify(image_with({"one", "two", "three"})).verdict, "none@0");
  const Seen seen = verify(image_with({"one", "two", "one"}));
  EXPECT_EQ(seen.verdict, "duplicate@" + std::to_string(kHeaderWords + 4));
}

// Strings of one hash: of such long ones it is made of every third byte.
TEST(VerifyStructure, LooksThroughBucketsOfLimitedSize) {
  std::vector<std::string> strings;
  for (uint32_t i = 0; i < 2048; ++i) {
    std::string string(95, 'x');
    string[0] = static_cast<char>('!' + i % 64);
    string[3] = static_cast<char>('!' + i / 64);
    strings.push_back(string);
  }
  ASSERT_EQ(string_hash(strings.front()), string_hash(strings.back()));
  EXPECT_EQ(verify(image_with(strings)).verdict, "none@0");
  strings.push_back(std::string(95, 'x'));
  EXPECT_THAT(verify(image_with(strings)).verdict, StartsWith("bucket-size@"));
}

class Structure : public testing::Test {
 protected:
  Structure() {
    const std::string source =
        "local up = 1\n"
        "local function inner(a) local deep = function() return up end return deep(a) end\n"
        "local t = {true, nil, 2.5, 'text'}\n"
        "for i = 1, 3 do t[i] = inner end\n"
        "return t, inner, function(...) return ... end\n";
    auto chunk = luac::compile(source, "@structure.lua", luac::Flavour::kFloat);
    payload_ =
        luac::write_image(luac::make_master({luac::make_module(chunk.value().main)}, 1518283691),
                          luac::Flavour::kFloat)
            .payload;
    image_ = test::read_image(payload_);
  }

  uint32_t at(uint32_t offset) const { return core::load_word(payload_, size_t{offset} * 4); }

  struct Change {
    uint32_t offset;
    uint32_t value;
  };

  std::string with(std::initializer_list<Change> changes) const {
    std::vector<uint8_t> damaged = payload_;
    for (const Change& change : changes) {
      core::store_word(damaged, size_t{change.offset} * 4, change.value);
    }
    return verify(damaged).verdict;
  }

  // The verdict if a word without an owner lies at `offset` and all behind it is one further up.
  std::string with_gap_at(uint32_t offset) const {
    std::vector<bool> marked;
    std::vector<uint32_t> all;
    for (uint32_t i = 0; i < words(); ++i) {
      marked.push_back(at(words() + i / 32) >> i % 32 & 1);
      all.push_back(at(i) + (marked[i] && at(i) >= offset ? 1 : 0));
    }
    all.insert(all.begin() + offset, 0);
    marked.insert(marked.begin() + offset, false);
    all[1] += 4;
    return verify(image_of(all, marked)).verdict;
  }

  static std::string found(const std::string& name, uint32_t offset) {
    return name + "@" + std::to_string(offset);
  }

  uint32_t words() const { return image_.image_bytes / 4; }
  uint32_t main() const { return image_.main.offset; }
  const test::ReadFunction& file() const { return image_.main.children.at(0); }
  const test::ReadFunction& inner() const { return file().children.at(0); }
  const test::ReadFunction& last() const { return file().children.at(1); }
  uint32_t string(const std::string& bytes) const {
    for (const test::ReadString& each : image_.strings) {
      if (each.bytes == bytes) {
        return each.offset;
      }
    }
    throw std::out_of_range(bytes);
  }
  uint32_t functions() const {
    const test::ReadString& end = image_.strings.back();
    return end.offset + 4 + static_cast<uint32_t>(end.bytes.size()) / 4 + 1;
  }
  // Where a Proto's vector begins.
  uint32_t vector(const test::ReadFunction& function, ProtoWord address) const {
    return at(function.offset + address);
  }

  std::vector<uint8_t> payload_;
  test::ReadImage image_;
};

TEST_F(Structure, NothingIsWrong) {
  EXPECT_EQ(with({}), "none@0");
}

TEST_F(Structure, Header) {
  EXPECT_EQ(with({{5, image_.hash_slots * 2}}), "hash-slots@5");
  EXPECT_EQ(with({{5, image_.hash_slots / 2}}), "hash-slots@5");
  EXPECT_EQ(with({{5, image_.hash_slots - 1}}), "hash-slots@5");
  EXPECT_EQ(with({{6, 1}, {7, 1}}), "none@0") << "nothing looks at them";
  EXPECT_EQ(with({{2, file().offset}}), "main@2");
  EXPECT_EQ(with({{main() + kProtoTraits, at(main() + kProtoTraits) | 1}}),
            found("main", main() + kProtoTraits));
}

TEST_F(Structure, Strings) {
  const uint32_t text = string("text");
  EXPECT_EQ(with({{text + 1, 0x24004}}), found("string", text));
  EXPECT_EQ(with({{text + 3, image_.image_bytes}}), found("string", text));
  EXPECT_EQ(with({{text + 3, 0xFFFFFFFF}}), found("string", text));
  EXPECT_THAT(with({{4, at(4) - 1}}), StartsWith("bucket@")) << "leads to the one left out";
  EXPECT_EQ(with({{4, at(4) + 1}}), found("string", functions()));
  EXPECT_EQ(with({{text + 5, 1}}), found("padding", text + 5));
  EXPECT_EQ(with({{text + 5, 0x100}}), found("padding", text + 5));
  EXPECT_EQ(with({{text + 2, at(text + 2) + 1}}), found("hash", text + 2));
  EXPECT_EQ(with({{text + 4, at(text + 4) ^ 1}}), found("hash", text + 2));
}

// A slot with a bucket of two or more, and its strings.
TEST_F(Structure, Buckets) {
  uint32_t slot = kHeaderWords;
  while (at(slot) == 0 || at(at(slot)) == 0) {
    ++slot;
  }
  const uint32_t first = at(slot);
  const uint32_t second = at(first);
  uint32_t other = kHeaderWords;  // a string of another bucket
  while (at(other) == 0 || other == slot) {
    ++other;
  }
  EXPECT_EQ(with({{slot, at(other)}}), found("bucket", slot));
  EXPECT_EQ(with({{slot, first + 1}}), found("bucket", slot));
  EXPECT_EQ(with({{slot, words() + 1}}), found("bucket", slot));
  EXPECT_EQ(with({{slot, main()}}), found("bucket", slot));
  EXPECT_EQ(with({{first, first}}), found("bucket", first));
  EXPECT_EQ(with({{slot, second}, {second, first}}), found("bucket", second));
  EXPECT_EQ(with({{slot, second}}), "lost-string@4");
  EXPECT_EQ(with({{first, 0}}), "lost-string@4");
  EXPECT_EQ(with({{slot, 0}}), "lost-string@4");
}

TEST_F(Structure, Protos) {
  const uint32_t proto = file().offset;
  for (const ProtoWord word : {kProtoNext, kProtoTypeMark, kProtoGcList}) {
    EXPECT_EQ(with({{proto + word, 1}}), found("proto", proto));
  }
  for (const ProtoWord word : {kProtoConstants, kProtoCode, kProtoChildren}) {
    EXPECT_EQ(with({{proto + word, 0}}), found("vector", proto + word));
    EXPECT_EQ(with({{proto + word, at(proto + word) + 1}}), found("vector", proto + word));
    EXPECT_EQ(with({{proto + word, words()}}), found("vector", proto + word));
  }
  for (const ProtoWord word : {kProtoLocals, kProtoUpvalueNames}) {
    EXPECT_EQ(with({{last().offset + word, functions()}}), found("vector", last().offset + word));
  }
  EXPECT_EQ(with({{proto + kProtoCodeCount, 0xFFFFFFFF}}), found("vector", proto));
  EXPECT_EQ(with({{proto + kProtoConstantCount, 0x55555556}}), found("vector", proto));
  EXPECT_EQ(with({{proto + kProtoLocalCount, 0x55555556}}), found("vector", proto));
  EXPECT_EQ(with({{proto + kProtoSource, string("text") + 1}}),
            found("string-address", proto + kProtoSource));
  EXPECT_EQ(with({{proto + kProtoSource, proto}}), found("string-address", proto + kProtoSource));
  EXPECT_EQ(with({{proto + kProtoLineMap, string("text")}}),
            found("string-address", proto + kProtoLineMap));
  EXPECT_EQ(with({{proto + kProtoLineMap, string("text") + 4}}),
            found("line-map", proto + kProtoLineMap));
  EXPECT_EQ(with({{proto + kProtoLineMap, at(inner().offset + kProtoLineMap)}}),
            found("line-map", proto + kProtoLineMap));
}

TEST_F(Structure, Constants) {
  const uint32_t constants = vector(file(), kProtoConstants);
  const auto tag_at = [&](uint32_t i) { return constants + i * 3 + 2; };
  uint32_t text = 0;
  while (at(tag_at(text)) != kTagString) {
    ++text;
  }
  uint32_t number = 0;
  while (at(tag_at(number)) != kTagNumber) {
    ++number;
  }
  EXPECT_EQ(with({{tag_at(number), 2}}), found("constant", tag_at(number)));
  EXPECT_EQ(with({{tag_at(number), kOldTagNumber}}), found("constant", tag_at(number)));
  EXPECT_EQ(with({{tag_at(number), kTagNil}}), found("constant", tag_at(number) - 2));
  EXPECT_EQ(with({{tag_at(number), kTagBoolean}}), found("constant", tag_at(number) - 2));
  EXPECT_EQ(with({{tag_at(number), kTagBoolean}, {tag_at(number) - 1, 0}, {tag_at(number) - 2, 2}}),
            found("constant", tag_at(number) - 2));
  EXPECT_EQ(with({{tag_at(number), kTagString}}), found("string-address", tag_at(number) - 2));
  EXPECT_EQ(with({{tag_at(text) - 1, 1}}), found("constant", tag_at(text) - 2));
  EXPECT_EQ(with({{tag_at(text) - 2, 0}}), found("string-address", tag_at(text) - 2));
  EXPECT_EQ(with({{tag_at(text) - 2, main()}}), found("string-address", tag_at(text) - 2));
}

TEST_F(Structure, CodeAndLineMaps) {
  const uint32_t code = vector(file(), kProtoCode);
  const auto count = static_cast<uint32_t>(file().code.size());
  EXPECT_EQ(with({{code, 0x3F}}), found("code", code));
  EXPECT_EQ(with({{code, encode_abx(kOpLoadK, 0, 1000)}}), found("code", code));
  EXPECT_EQ(with({{code + count - 1, encode_abc(kOpMove, 0, 0, 0)}}),
            found("code", code + count - 1));
  // One instruction less than the line map tells.
  EXPECT_EQ(with({{file().offset + kProtoLineMap, at(inner().children[0].offset + kProtoLineMap)}}),
            found("line-map", file().offset + kProtoLineMap));
}

TEST_F(Structure, ChildrenAreNeitherSharedNorCyclic) {
  const uint32_t children = vector(file(), kProtoChildren);
  const uint32_t first = inner().offset;
  const uint32_t second = last().offset;
  EXPECT_EQ(with({{children, second}}), found("child", children)) << "the same twice";
  EXPECT_EQ(with({{children, second}, {children + 1, first}}), found("child", children + 1))
      << "exchanged";
  EXPECT_EQ(with({{children + 1, file().offset}}), found("child", children + 1)) << "itself";
  EXPECT_EQ(with({{children, main()}}), found("child", children)) << "its parent";
  EXPECT_EQ(with({{children, inner().children[0].offset}}), found("child", children))
      << "a grandchild";
  EXPECT_EQ(with({{children + 1, 0}}), found("child", children + 1));
  EXPECT_EQ(with({{children + 1, second + 1}}), found("child", children + 1));
  const uint32_t grandchildren = vector(inner(), kProtoChildren);
  EXPECT_EQ(with({{grandchildren, first}}), found("child", grandchildren)) << "a circle";
  EXPECT_EQ(with({{grandchildren, main()}}), found("child", grandchildren)) << "a long circle";
}

TEST_F(Structure, EveryWordBelongsToSomething) {
  const uint32_t inner_most = inner().children[0].offset;
  EXPECT_EQ(with({{inner_most + kProtoCodeCount, at(inner_most + kProtoCodeCount) - 1}}),
            found("vector", inner_most + kProtoCode));
  EXPECT_EQ(with_gap_at(functions()), found("gap", functions()));
  EXPECT_EQ(with_gap_at(image_.strings.back().offset),
            found("string", image_.strings.back().offset));
  EXPECT_THAT(with_gap_at(vector(file(), kProtoChildren)), StartsWith("child@"));
  EXPECT_THAT(with_gap_at(vector(file(), kProtoConstants)), StartsWith("vector@"));
  EXPECT_THAT(with_gap_at(file().offset), StartsWith("vector@"));
  EXPECT_EQ(with_gap_at(words()), "main@2");
}

TEST_F(Structure, TheBitmapMarksWhatIsAnAddress) {
  EXPECT_EQ(with({{words(), at(words()) ^ 4}}), "bitmap@2");
  EXPECT_EQ(with({{words(), at(words()) ^ 1}}), "bitmap@0");
  const uint32_t last = static_cast<uint32_t>(payload_.size() / 4) - 1;
  EXPECT_EQ(with({{last, at(last) ^ 1u << 31}}), found("bitmap", (last - words()) * 32 + 31));
  std::vector<uint8_t> longer = payload_;
  longer.resize(longer.size() + 4);
  EXPECT_EQ(verify(longer).verdict, found("bitmap", words()));
  longer.resize(image_.image_bytes);
  EXPECT_EQ(verify(longer).verdict, found("bitmap", words()));
}

TEST_F(Structure, NeedsRoomForTheBitmap) {
  const ImageView view = open_image(payload_).value();
  std::vector<uint8_t> bitmap(bitmap_words(image_.image_bytes) * 4 - 4);
  EXPECT_EQ(verify_structure(view, bitmap).finding, StructureFinding::kNoRoom);
}

// --- every flaw of a byte ---

std::string recorded(const std::string& file) {
  const std::string bytes = test::read_text(FLASHSTORE_TEST_DATA "/lfs/expected/" + file);
  return bytes.starts_with("\x1F\x8B") ? test::gunzip(bytes) : bytes;
}

// What the independent reader complains about; empty if it does not.
std::string complaint(std::span<const uint8_t> bytes) {
  try {
    test::read_image(bytes);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

constexpr const char* kSmallImages[] = {"img/one-nested.int.img", "img/one-upval_kinds.float.img",
                                        "img/one-varargs.dword.img"};

TEST(VerifyStructure, AgreesWithTheIndependentReaderOnEveryByteFlipped) {
  for (const char* file : kSmallImages) {
    const std::string payload = recorded(file);
    std::vector<uint8_t> bytes(payload.begin(), payload.end());
    ASSERT_TRUE(verify(bytes).ok);
    for (size_t i = 0; i < bytes.size(); ++i) {
      for (const uint8_t flip : {0xFF, 0x01, 0x40}) {
        bytes[i] ^= flip;
        const Seen seen = verify(bytes);
        const std::string other = complaint(bytes);
        if (seen.ok) {
          EXPECT_EQ(other, "") << file << " byte " << i;
        } else if (other.empty()) {
          // Instructions, and what they may use, are not that reader's business.
          EXPECT_THAT(seen.verdict, testing::AnyOf(StartsWith("code@"), StartsWith("main@")))
              << file << " byte " << i;
        }
        bytes[i] ^= flip;
      }
    }
  }
}

TEST(VerifyStructure, AcceptsNothingCutShort) {
  for (const char* file : kSmallImages) {
    const std::string payload = recorded(file);
    for (size_t size = 0; size < payload.size(); ++size) {
      const std::vector<uint8_t> cut(payload.begin(),
                                     payload.begin() + static_cast<ptrdiff_t>(size));
      EXPECT_FALSE(verify(cut).ok) << file << " " << size;
    }
  }
}

TEST(VerifyStructure, StaysInsideDamagedImagesOfOtherKinds) {
  for (const char* file : {"legacy/consts.v0_2018_04.img", "legacy/consts.v1_2018_09.img",
                           "img/abs-bad-0x402a0000junk.float.abs"}) {
    const std::string content = recorded(file);
    for (size_t i = 0; i < content.size(); ++i) {
      std::vector<uint8_t> bytes(content.begin(), content.end());
      bytes[i] ^= 0xFF;
      verify(bytes);
      bytes.resize(i);
      verify(bytes);
    }
  }
}

}  // namespace
}  // namespace flashstore::luaflash
