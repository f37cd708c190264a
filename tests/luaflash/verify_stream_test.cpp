#include "luaflash/verify_stream.h"

#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "luaflash/envelope.h"
#include "luaflash/format.h"
#include "luaflash/relocate.h"
#include "support/files.h"
#include "support/image_reader.h"
#include "support/recorded_images.h"

namespace flashstore::luaflash {
namespace {

using test::as_bytes;

constexpr uint32_t kAnySize = kMaxImageWords * kWordBytes;

struct Seen {
  std::string name;
  StreamVerdict verdict;
  std::vector<uint8_t> bitmap;  // what the buffer holds afterwards
};

Seen verify(std::string_view file, const Target& target, size_t piece = 1024,
            uint32_t bitmap_bytes = bitmap_words(kAnySize) * kWordBytes) {
  const auto window = std::make_unique<uint8_t[]>(kMaxBackReference);
  const auto inflater =
      std::make_unique<core::Inflater>(std::span(window.get(), kMaxBackReference));
  core::SpanSource source(as_bytes(file), piece);
  Seen seen;
  seen.bitmap.assign(bitmap_bytes, 0xA5);
  seen.verdict = verify_stream(source, *inflater, seen.bitmap, target);
  seen.name = name(seen.verdict);
  return seen;
}

// --- all that was fed to the original loader ---

// What is refused, and where. All others are accepted.
const std::map<std::string, std::pair<std::string, uint32_t>> kRefused = {
    {"fextra0", {"empty-extra", 11}},
    {"reserved-flag", {"reserved-flags", 3}},
    {"window15-dist-over-16384", {"distance-beyond-window", 5526}},
    {"gzip-9", {"distance-beyond-window", 5309}},
    {"partition-too-small", {"too-large", 4}},
    {"partition-none", {"no-partition", 0}},
    {"empty-file", {"truncated", 0}},
    {"short-200", {"truncated", 200}},
    {"short-201", {"truncated", 201}},
    {"zeros-300", {"bad-magic", 0}},
    {"text-300", {"bad-magic", 0}},
    {"bad-magic1", {"bad-magic", 0}},
    {"bad-magic2", {"bad-magic", 1}},
    {"bad-method", {"bad-method", 2}},
    {"raw-payload", {"bad-magic", 0}},
    {"absolute-image", {"bad-magic", 0}},
    {"crc-wrong", {"data-checksum", 2245}},
    {"isize-plus4", {"data-size", 2249}},
    {"isize-plus2048", {"data-size", 2249}},
    {"isize-minus4", {"data-size", 2249}},
    {"trailing-zero-byte", {"trailing-data", 2475}},
    {"trailing-4-bytes", {"trailing-data", 2475}},
    {"truncated-half", {"truncated", 1237}},
    {"truncated-8", {"truncated", 2467}},
    {"truncated-1", {"truncated", 2474}},
    {"sig-version0", {"version", 0}},
    {"sig-version2", {"version", 0}},
    {"sig-version-nibble0", {"version", 0}},
    {"sig-dword-on-float", {"flavour", 0}},
    {"sig-int-on-float", {"flavour", 0}},
    {"sig-int-bit-on-float", {"signature", 0}},
    {"sig-float-on-int", {"flavour", 0}},
    {"sig-junk-high", {"signature", 0}},
    {"sig-inprogress", {"in-progress", 0}},
    {"sig-absolute-bit", {"absolute", 0}},
    {"size-zero", {"size", 4}},
    {"size-odd", {"size", 4}},
    {"size-plus4", {"payload-length", 5108}},
    {"size-minus4", {"payload-length", 5104}},
    {"size-minus128", {"payload-length", 4976}},
    {"size-huge", {"too-large", 4}},
    {"size-negative", {"too-large", 4}},
    {"no-bitmap", {"payload-length", 4952}},
    {"bitmap-extra-word", {"payload-length", 5108}},
    {"header-only", {"payload-length", 36}},
    {"main-zero", {"main", 8}},
    {"main-outside", {"main", 8}},
    {"hash-ones", {"hash-vector", 12}},
    {"byte0-match", {"match-of-first-byte", 36}},
    {"dist-16385", {"distance-beyond-window", 16504}},
    {"lensym-286", {"bad-length-symbol", 5154}},
    {"lensym-287", {"bad-length-symbol", 5154}},
    {"distsym-30", {"bad-distance-symbol", 5155}},
    {"blocktype-3", {"bad-block-type", 10}},
    {"stored-badlen", {"stored-length", 14}},
    {"overlong-stream", {"payload-length", 5108}},
    {"two-members", {"second-member", 2250}},
    {"no-final-eob", {"payload-length", 5108}},
    {"bitflip-11", {"distance-before-start", 17}},
    {"bitflip-40", {"distance-before-start", 41}},
    {"bitflip-200", {"data-checksum", 2470}},
    {"bitflip-700", {"data-checksum", 2470}},
    {"bitflip-1500", {"distance-before-start", 1513}},
};

TEST(VerifyStream, JudgesEveryFileTheOriginalLoaderWasFed) {
  const std::string folder = FLASHSTORE_TEST_DATA "/lfs/loader/";
  const auto vectors = nlohmann::json::parse(test::read_text(folder + "loader.json"));
  ASSERT_EQ(vectors.size(), 81u);
  size_t refused = 0;
  for (const auto& vector : vectors) {
    if (vector["file"].is_null()) {
      continue;  // there was no file
    }
    const std::string name = vector["name"];
    SCOPED_TRACE(name);
    const Target target = {vector["device"] == "dev32int" ? kSignatureInt : kSignatureFloat,
                           vector["partition"]};
    const std::string file = test::read_text(folder + std::string(vector["file"]));
    const Seen seen = verify(file, target);
    const auto expected = kRefused.find(name);
    if (expected == kRefused.end()) {
      EXPECT_EQ(seen.name, "none") << seen.verdict.offset;
    } else {
      EXPECT_EQ(seen.name, expected->second.first);
      EXPECT_EQ(seen.verdict.offset, expected->second.second);
      ++refused;
    }
    // What the original boots is accepted, and nothing else, but for what it took by luck.
    const bool booted = std::string(vector["outcome"]).starts_with("rebooted") &&
                        std::string(vector["boot_after"]).starts_with("LIST:") &&
                        vector["boot_after"] != "LIST:nil";
    const bool luck = name == "lensym-286" || name == "distsym-30" || name == "two-members" ||
                      name == "sig-absolute-bit";
    EXPECT_EQ(seen.verdict.ok(), booted && !luck);
  }
  EXPECT_EQ(refused, kRefused.size());
}

// --- all the original compiler made ---

uint32_t word(std::string_view bytes, size_t index) {
  return core::load_word(as_bytes(bytes), index * 4);
}

TEST(VerifyStream, AcceptsEveryRecordedBuildAndKeepsItsBitmap) {
  for (const test::RecordedImage& image : test::recorded_images("pi-v1")) {
    SCOPED_TRACE(image.file);
    const std::string file = test::read_text(FLASHSTORE_TEST_DATA "/lfs/expected/" + image.file);
    const uint32_t size = word(image.content, 1);
    const uint32_t bitmap_bytes = bitmap_words(size) * kWordBytes;
    EXPECT_EQ(bitmap_bytes_of_payload(static_cast<uint32_t>(image.content.size())), bitmap_bytes);
    const Target target = {word(image.content, 0), size};
    for (const size_t piece : {size_t{1}, size_t{97}, SIZE_MAX}) {
      const Seen seen = verify(file, target, piece, bitmap_bytes);
      EXPECT_EQ(seen.name, "none");
      EXPECT_EQ(seen.verdict.image_bytes, size);
      EXPECT_EQ(test::as_text(seen.bitmap), image.content.substr(size));
    }
    EXPECT_EQ(verify(file, {target.signature, size - 1}).name, "too-large");
    EXPECT_EQ(verify(file, target, 1024, bitmap_bytes - 4).name, "no-room");
  }
}

TEST(VerifyStream, RefusesTheFormatOf2018WithOtherSignaturesOnly) {
  for (const test::RecordedImage& image : test::recorded_legacy_images()) {
    const std::string file = test::read_text(FLASHSTORE_TEST_DATA "/lfs/expected/" + image.file);
    const Seen seen = verify(file, {kSignatureFloat, kAnySize});
    EXPECT_EQ(seen.name, file.starts_with("\x1F\x8B") ? "flavour" : "bad-magic") << image.file;
  }
}

// --- one flaw at a time ---

class Damaged : public testing::Test {
 protected:
  const std::string payload_ =
      test::gunzip(test::read_text(FLASHSTORE_TEST_DATA "/lfs/expected/img/one-nested.float.img"));
  const test::ReadImage image_ = test::read_image(as_bytes(payload_));
  const uint32_t words_ = image_.image_bytes / 4;

  static std::string pack(std::string_view payload) { return test::envelope(as_bytes(payload)); }

  static std::string verdict(std::string_view payload) {
    const Seen seen = verify(pack(payload), {kSignatureFloat, kAnySize});
    return seen.name + "@" + std::to_string(seen.verdict.offset);
  }

  // The verdict if `word` of the payload is `value`.
  std::string with(uint32_t index, uint32_t value) const {
    std::string damaged = payload_;
    core::store_word({reinterpret_cast<uint8_t*>(damaged.data()), damaged.size()},
                     size_t{index} * 4, value);
    return verdict(damaged);
  }

  uint32_t word_at(uint32_t index) const { return word(payload_, index); }

  static std::string at(const std::string& name, uint32_t offset_in_words) {
    return name + "@" + std::to_string(offset_in_words * 4);
  }
};

TEST_F(Damaged, NothingIsNot) {
  EXPECT_EQ(verdict(payload_), "none@0");
}

TEST_F(Damaged, TheHeaderIsRefusedAtItsWord) {
  EXPECT_EQ(with(0, 0), "signature@0");
  EXPECT_EQ(with(0, kSignatureFloat + 0x100), "version@0");
  EXPECT_EQ(with(0, kSignatureFloat | kAbsoluteBit), "absolute@0");
  EXPECT_EQ(with(1, image_.image_bytes + 2), "size@4");
  EXPECT_EQ(with(1, (kHeaderWords + kProtoWords - 1) * 4), "size@4");
  EXPECT_EQ(with(3, 9), "hash-vector@12");
  EXPECT_EQ(with(5, 0), "hash-slots@20");
  EXPECT_EQ(with(5, image_.hash_slots + 1), "hash-slots@20");
  EXPECT_EQ(with(5, image_.hash_slots * 2), "hash-slots@20");
  EXPECT_EQ(with(5, image_.hash_slots / 2), "hash-slots@20");
  EXPECT_EQ(with(4, 0), "hash-slots@20");
}

TEST_F(Damaged, StringsHaveToEndBeforeTheMainProto) {
  const test::ReadString& last = image_.strings.back();
  EXPECT_EQ(with(last.offset + 3, image_.image_bytes), "strings@16");
  EXPECT_EQ(with(last.offset + 3, 0xFFFFFFFF), "strings@16");
  const uint32_t end = last.offset + 4 + static_cast<uint32_t>(last.bytes.size()) / 4 + 1;
  EXPECT_EQ(with(2, end), "none@0");
  EXPECT_EQ(with(2, end - 1), "main@8");
  EXPECT_EQ(with(2, words_ - 17), "main@8");
  EXPECT_EQ(with(2, 0xFFFFFFFF), "main@8");
}

TEST_F(Damaged, MarkedWordsHaveToLeadIntoTheImage) {
  uint32_t marked = words_ - kProtoWords + kProtoCode;
  EXPECT_EQ(with(marked, words_ - 1), "none@0");
  EXPECT_EQ(with(marked, words_), at("address", marked));
  EXPECT_EQ(with(marked, kHeaderWords - 1), at("address", marked));
  EXPECT_EQ(with(marked, 0), at("address", marked));
  marked = words_ - 1;  // traits: no offset
  ASSERT_EQ(words_ / 32 + 1, static_cast<uint32_t>(payload_.size() / 4) - words_);
  const uint32_t last = words_ + words_ / 32;
  EXPECT_EQ(with(last, word_at(last) | 1u << marked % 32), at("address", marked));
  EXPECT_EQ(with(last, word_at(last) | 1u << words_ % 32), at("bitmap-end", last));
  EXPECT_EQ(with(last, word_at(last) | 1u << 31), at("bitmap-end", last));
  EXPECT_EQ(with(words_, word_at(words_) | 1), at("header-addresses", words_));
  EXPECT_EQ(with(words_, word_at(words_) & ~4u), at("header-addresses", words_));
}

TEST_F(Damaged, ThePayloadIsImageAndBitmapExactly) {
  EXPECT_EQ(verdict(payload_ + std::string(4, '\0')),
            at("payload-length", static_cast<uint32_t>(payload_.size() / 4)));
  for (size_t size = 0; size < payload_.size(); ++size) {
    EXPECT_THAT(verdict(payload_.substr(0, size)), testing::StartsWith("payload-length@")) << size;
  }
  EXPECT_THAT(verdict(payload_ + "x"), testing::StartsWith("payload-length@"));
}

TEST_F(Damaged, DevicesDoNotReadShortFiles) {
  std::string small(200, '\0');  // a header, a string, a Proto
  const std::vector<std::pair<uint32_t, uint32_t>> words = {
      {0, kSignatureFloat}, {1, 160}, {2, 22}, {3, 8}, {4, 1}, {5, 2}, {8, 10},
      {11, kStringMark},    {13, 20},  // length: up to word 20
      {40, 0x10C}};
  small.resize(168);
  for (const auto& [index, value] : words) {
    core::store_word({reinterpret_cast<uint8_t*>(small.data()), small.size()}, size_t{index} * 4,
                     value);
  }
  const std::string file = pack(small);
  ASSERT_LT(file.size(), 200u);
  EXPECT_EQ(verdict(small), "short-file@" + std::to_string(file.size()));
  // The same behind a long name.
  const auto named = [&](size_t size) {
    std::string longer = file;
    longer[3] = 8;
    longer.insert(10, std::string(size - file.size() - 1, 'n') + '\0');
    return verify(longer, {kSignatureFloat, kAnySize}).name;
  };
  EXPECT_EQ(named(200), "short-file");
  EXPECT_EQ(named(201), "none");
}

// --- every flaw of a byte ---

TEST(VerifyStream, AFlippedByteThatPassesChangesNothingAndNoneCanBeMissing) {
  for (const char* name :
       {"img/one-nested.int.img", "img/one-upval_kinds.float.img", "img/one-varargs.dword.img"}) {
    SCOPED_TRACE(name);
    std::string file = test::read_text(FLASHSTORE_TEST_DATA "/lfs/expected/" + std::string(name));
    const std::string payload = test::gunzip(file);
    const Target target = {word(payload, 0), kAnySize};
    ASSERT_EQ(verify(file, target).name, "none");
    size_t passed = 0;
    for (size_t i = 0; i < file.size(); ++i) {
      for (const uint8_t flip : {0xFF, 0x01, 0x10}) {
        file[i] = static_cast<char>(file[i] ^ flip);
        if (verify(file, target).verdict.ok()) {  // another way to say the same
          EXPECT_EQ(test::gunzip(file), payload) << i;
          ++passed;
        }
        file[i] = static_cast<char>(file[i] ^ flip);
      }
      EXPECT_FALSE(verify(std::string_view(file).substr(0, i), target).verdict.ok()) << i;
    }
    EXPECT_GE(passed, 6u * 3 + 1) << "when and where it was made, and whether it is text";
    EXPECT_LT(passed, 50u);
  }
}

// A few bytes that would become more than any memory holds, and announce no less.
TEST(VerifyStream, StopsAtWhatIsLargerThanTold) {
  const std::string zeros(1 << 16, '\0');
  std::string payload =
      test::gunzip(test::read_text(FLASHSTORE_TEST_DATA "/lfs/expected/img/one-empty.float.img"));
  const std::string expected = "payload-length@" + std::to_string(payload.size());
  for (int i = 0; i < 64; ++i) {
    payload += zeros;
  }
  const Seen seen = verify(test::envelope(as_bytes(payload)), {kSignatureFloat, kAnySize});
  EXPECT_EQ(seen.name + "@" + std::to_string(seen.verdict.offset), expected);
}

}  // namespace
}  // namespace flashstore::luaflash
