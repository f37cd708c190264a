#include "luaflash/image_view.h"

#include <gmock/gmock.h>

#include <bit>
#include <set>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "support/files.h"
#include "support/image_reader.h"
#include "support/recorded_images.h"

namespace flashstore::luaflash {
namespace {

using test::as_bytes;
using test::as_text;
using test::ReadFunction;
using test::ReadImage;
using test::RecordedImage;
using testing::ElementsAre;
using testing::IsEmpty;

ImageView open(std::string_view content) {
  auto view = open_image(as_bytes(content));
  if (!view) {
    throw std::runtime_error(name(view.error()));
  }
  return view.value();
}

std::string text_at(const ImageView& view, uint32_t offset) {
  const auto string = view.string_at(offset);
  return string ? as_text(string->bytes) : "(no string)";
}

void expect_same(const ImageView& view, const test::ReadConstant& constant, uint32_t offset) {
  const auto found = view.constant_at(offset);
  ASSERT_TRUE(found);
  if (std::holds_alternative<std::monostate>(constant)) {
    EXPECT_EQ(found->tag, kTagNil);
  } else if (const auto* boolean = std::get_if<bool>(&constant)) {
    EXPECT_EQ(found->tag, kTagBoolean);
    EXPECT_EQ(found->low, *boolean ? 1u : 0u);
  } else if (const auto* text = std::get_if<std::string>(&constant)) {
    EXPECT_EQ(found->tag, kTagString);
    EXPECT_EQ(text_at(view, found->string), *text);
  } else if (const auto* integer = std::get_if<int32_t>(&constant)) {
    EXPECT_EQ(found->tag, kTagNumber);
    EXPECT_EQ(found->low, static_cast<uint32_t>(*integer));
  } else {
    EXPECT_EQ(found->tag, kTagNumber);
    EXPECT_EQ(uint64_t{found->high} << 32 | found->low,
              std::bit_cast<uint64_t>(std::get<double>(constant)));
  }
}

void expect_same(const ImageView& view, const ReadFunction& function, uint32_t offset) {
  EXPECT_EQ(offset, function.offset);
  const auto proto = view.proto_at(offset);
  ASSERT_TRUE(proto);
  if (function.source) {
    EXPECT_EQ(text_at(view, proto->source), *function.source);
  } else {
    EXPECT_EQ(proto->source, 0u);
  }
  EXPECT_EQ(proto->line_map == 0 ? "" : text_at(view, proto->line_map), function.line_map);
  EXPECT_EQ(proto->line_defined, function.line_defined);
  EXPECT_EQ(proto->last_line_defined, function.last_line_defined);
  EXPECT_EQ(proto->nups, function.nups);
  EXPECT_EQ(proto->numparams, function.numparams);
  EXPECT_EQ(proto->is_vararg, function.is_vararg);
  EXPECT_EQ(proto->maxstack, function.maxstack);
  EXPECT_EQ(proto->locals.count, function.locals.size());
  EXPECT_EQ(proto->upvalue_names.count, function.upvalue_names.size());
  ASSERT_EQ(proto->code.count, function.code.size());
  for (uint32_t i = 0; i < proto->code.count; ++i) {
    ASSERT_EQ(view.word(proto->code.offset + i), function.code[i]);
  }
  ASSERT_EQ(proto->constants.count, function.constants.size());
  for (uint32_t i = 0; i < proto->constants.count; ++i) {
    expect_same(view, function.constants[i], proto->constants.offset + i * view.tvalue_words());
  }
  ASSERT_EQ(proto->children.count, function.children.size());
  for (uint32_t i = 0; i < proto->children.count; ++i) {
    expect_same(view, function.children[i], view.target(proto->children.offset + i));
  }
}

TEST(ImageView, ShowsWhatTheIndependentReaderFinds) {
  std::vector<RecordedImage> images = test::recorded_images("pi-v1");
  for (RecordedImage& image : test::recorded_images("absolute-v1")) {
    images.push_back(std::move(image));
  }
  ASSERT_EQ(images.size(), 178u);
  for (const RecordedImage& image : images) {
    SCOPED_TRACE(image.file);
    const ReadImage read = test::read_image(as_bytes(image.content));
    const ImageView view = open(image.content);
    EXPECT_EQ(view.signature(), read.signature);
    EXPECT_EQ(view.generation(), Generation::kApril2020);
    EXPECT_EQ(view.words() * 4, read.image_bytes);
    EXPECT_EQ(view.rest().size(), image.content.size() - read.image_bytes);
    EXPECT_EQ(view.absolute(), read.base.has_value());
    EXPECT_EQ(view.base(), read.base.value_or(0));
    EXPECT_EQ(view.hash_slots(), read.hash_slots);
    EXPECT_EQ(view.string_count(), read.strings.size());
    uint32_t at = view.strings_begin();
    for (const test::ReadString& string : read.strings) {
      EXPECT_EQ(at, string.offset);
      const auto found = view.string_at(at);
      ASSERT_TRUE(found);
      EXPECT_EQ(as_text(found->bytes), string.bytes);
      EXPECT_EQ(found->hash, string.hash);
      at = found->end;
    }
    expect_same(view, read.main, view.main());
  }
}

// The source of the master and its constants in words, as far as they are strings.
std::vector<std::string> master_strings(const ImageView& view) {
  const auto master = view.proto_at(view.main());
  if (!master) {
    return {};
  }
  std::vector<std::string> strings = {text_at(view, master->source)};
  for (uint32_t i = 0; i < master->constants.count; ++i) {
    const auto constant = view.constant_at(master->constants.offset + i * view.tvalue_words());
    strings.push_back(!constant                     ? "(none)"
                      : constant->tag == kTagString ? text_at(view, constant->string)
                      : constant->tag == kTagNumber ? "(number)"
                                                    : "(other)");
  }
  return strings;
}

TEST(ImageView, ReadsEarlierGenerations) {
  const std::vector<RecordedImage> images = test::recorded_legacy_images();
  ASSERT_EQ(images.size(), 11u);
  const std::map<std::string, Generation> generations = {
      {"v0_2018_03", Generation::kMarch2018},
      {"v0_2018_04", Generation::kApril2018},
      {"v0_2018_06", Generation::kApril2018},
      {"v1_2018_09", Generation::kSeptember2018},
  };
  for (const RecordedImage& image : images) {
    SCOPED_TRACE(image.file);
    const ImageView view = open(image.content);
    const Generation generation = generations.at(image.record["tool"]);
    EXPECT_EQ(view.generation(), generation);
    EXPECT_EQ(view.tvalue_words(), 4u);
    EXPECT_EQ(view.absolute(), image.record["name"] == "app-abs");
    EXPECT_EQ(view.base(), view.absolute() ? 0x40268000 : 0);
    EXPECT_EQ(view.rest().empty(), generation != Generation::kSeptember2018 || view.absolute());
    std::vector<std::string> expected = {"=(luac)", "_init", "main", "util"};
    if (image.record["name"] == "consts") {
      expected = {"=(luac)", "consts"};
    }
    expected.insert(generation == Generation::kMarch2018 ? expected.begin() + 1 : expected.end(),
                    "(number)");
    EXPECT_EQ(master_strings(view), expected);
  }
}

// --- what is no image ---

std::string words_of(std::initializer_list<uint32_t> words) {
  std::string bytes;
  for (const uint32_t word : words) {
    for (int shift = 0; shift < 32; shift += 8) {
      bytes += static_cast<char>(word >> shift);
    }
  }
  return bytes;
}

std::string error_of(std::string_view bytes) {
  const auto view = open_image(as_bytes(bytes));
  return view ? "" : name(view.error());
}

TEST(OpenImage, NamesWhatIsNoImage) {
  EXPECT_EQ(error_of(""), "too-short");
  EXPECT_EQ(error_of("\x1F\x8B\x08"), "too-short");
  EXPECT_EQ(error_of("\x1F\x8B\x08......"), "gzip");
  EXPECT_EQ(error_of("\x1BLua\x51......"), "bytecode");
  EXPECT_EQ(error_of("\x1BLua\x53\x0A......"), "bytecode");
  EXPECT_EQ(error_of("\x1BLua\x53\x0B......"), "lua53");
  EXPECT_EQ(error_of(words_of({0xFAFAA250, 64})), "lua53");
  EXPECT_EQ(error_of(words_of({0xFFFFFFFF, 0xFFFFFFFF})), "blank");
  EXPECT_EQ(error_of(words_of({0, 0xFFFFFFFF})), "blank");
  EXPECT_EQ(error_of(words_of({0xFAFAA15C, 64})), "in-progress");
  EXPECT_EQ(error_of(words_of({0xFAFAA354, 64})), "version");
  EXPECT_EQ(error_of(words_of({0xFAFAA156, 64})), "signature");  // two number types at once
  EXPECT_EQ(error_of(words_of({0xFAFAAF01, 64})), "signature");
  EXPECT_EQ(error_of("print 'hello'"), "signature");
}

TEST(MapImage, DoesNotAskWhatElseItMayBe) {
  for (const std::string& bytes : {std::string("\x1F\x8B\x08......"), words_of({0xFFFFFFFF, 0}),
                                   std::string("\x1BLua\x51......")}) {
    const auto view = map_image(as_bytes(bytes));
    ASSERT_FALSE(view);
    EXPECT_EQ(view.error(), ImageError::kSignature);
  }
  const std::string image =
      test::gunzip(test::read_text(FLASHSTORE_TEST_DATA "/lfs/expected/img/one-empty.int.img"));
  EXPECT_TRUE(map_image(as_bytes(image)));
}

TEST(MapImage, TakesAnUnfinishedImageOnlyIfAskedTo) {
  std::string content =
      test::read_text(FLASHSTORE_TEST_DATA "/lfs/expected/img/abs-all-small.float.abs");
  content[0] = static_cast<char>(content[0] | kInProgressBit);
  EXPECT_EQ(map_image(as_bytes(content)).error(), ImageError::kInProgress);
  const auto view = map_image(as_bytes(content), ImageUse::kFinish);
  ASSERT_TRUE(view.ok());
  EXPECT_TRUE(view.value().absolute());
}

TEST(OpenImage, RefusesAHeaderThatDoesNotFit) {
  const auto image = [](uint32_t size, uint32_t hash, uint32_t strings, uint32_t slots,
                        uint32_t signature = kSignatureFloat) {
    return words_of({signature, size, 8, hash, strings, slots, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  };
  EXPECT_EQ(error_of(image(60, 8, 1, 2)), "");
  EXPECT_EQ(error_of(image(60, 8, 1, 2).substr(0, 28)), "too-short");
  EXPECT_EQ(error_of(image(60, 8, 1, 2).substr(0, 56)), "size");
  EXPECT_EQ(error_of(image(58, 8, 1, 2)), "size");
  EXPECT_EQ(error_of(image(28, 8, 1, 2)), "size");
  EXPECT_EQ(error_of(image(64, 8, 1, 2)), "size");
  EXPECT_EQ(error_of(image(60, 9, 1, 2)), "hash-vector");
  EXPECT_EQ(error_of(image(60, 0, 1, 2, kSignatureFloat | kAbsoluteBit)), "hash-vector");
  EXPECT_EQ(error_of(image(60, 0x40210020, 1, 2, kSignatureFloat | kAbsoluteBit)), "");
  EXPECT_EQ(error_of(image(60, 8, 0, 2)), "string-count");
  EXPECT_EQ(error_of(image(60, 8, 2, 2)), "string-count");
  EXPECT_EQ(error_of(image(60, 8, 1, 8)), "string-count");
  EXPECT_EQ(error_of(image(60, 8, 0xFFFFFFFF, 2)), "string-count");
  EXPECT_EQ(error_of(image(60, 8, 1, 0xFFFFFFFF)), "string-count");
}

// --- damage: under the sanitizers this shows that nothing outside is read ---

void look_at_everything(std::span<const uint8_t> bytes) {
  const auto opened = open_image(bytes);
  if (!opened) {
    return;
  }
  const ImageView& view = opened.value();
  std::vector<uint32_t> offsets = {0, view.words() - 1, view.words(), 0xFFFFFFF0, UINT32_MAX};
  for (uint32_t i = 0; i < view.words(); ++i) {
    offsets.push_back(i);
    offsets.push_back(view.word(i));
    EXPECT_LT(view.target(i), view.words());
  }
  for (const uint32_t offset : offsets) {
    view.word(offset);
    if (const auto string = view.string_at(offset)) {
      EXPECT_LE(string->end, view.words());
      as_text(string->bytes);
    }
    view.constant_at(offset);
    if (const auto proto = view.proto_at(offset)) {
      EXPECT_TRUE(view.has(proto->code.offset, proto->code.count));
      EXPECT_TRUE(view.has(proto->constants.offset, proto->constants.count * view.tvalue_words()));
      EXPECT_TRUE(view.has(proto->locals.offset, proto->locals.count * kLocalWords));
      EXPECT_TRUE(view.has(proto->children.offset, proto->children.count));
      EXPECT_TRUE(view.has(proto->upvalue_names.offset, proto->upvalue_names.count));
    }
  }
}

TEST(ImageView, StaysInsideWhateverAWordHolds) {
  for (const char* file : {"img/one-empty.int.img", "legacy/consts.v0_2018_04.img",
                           "img/abs-bad-0x402a0000junk.float.abs"}) {
    const std::string read =
        test::read_text(FLASHSTORE_TEST_DATA "/lfs/expected/" + std::string(file));
    const std::string content = read.starts_with("\x1F\x8B") ? test::gunzip(read) : read;
    for (size_t i = 0; i + 4 <= content.size(); i += 4) {
      for (const uint32_t value : {0u, 1u, 0x40u, 0x7FFFFFFFu, 0x40000000u, 0xFFFFFFFCu,
                                   0xFFFFFFFFu, static_cast<uint32_t>(content.size() / 4)}) {
        std::vector<uint8_t> damaged(content.begin(), content.end());
        core::store_word(damaged, i, value);
        look_at_everything(damaged);
      }
    }
    for (size_t size = 0; size < content.size(); ++size) {
      const std::vector<uint8_t> cut(content.begin(),
                                     content.begin() + static_cast<ptrdiff_t>(size));
      look_at_everything(cut);
    }
  }
}

}  // namespace
}  // namespace flashstore::luaflash
