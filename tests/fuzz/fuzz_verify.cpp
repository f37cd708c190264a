// Any bytes as an image file, and any bytes as an image: always a verdict, and accepted is only
// what zlib and the independent reader take, too.
#include <set>
#include <stdexcept>
#include <string>

#include "core/bytes.h"
#include "core/gunzip_both.h"
#include "fuzz/image_checks.h"
#include "luaflash/attach.h"
#include "luaflash/envelope.h"
#include "luaflash/verify_stream.h"
#include "support/image_reader.h"

namespace {

using namespace flashstore;
using namespace flashstore::luaflash;
using test::require;
using test::Verified;

std::span<const uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

StreamVerdict check_file(std::span<const uint8_t> file, uint32_t signature) {
  static std::vector<uint8_t> window(kMaxBackReference);
  const uint32_t partition = 65536;
  std::vector<uint8_t> bitmap(bitmap_words(partition) * 4, 0xFF);
  core::Inflater inflater(window);
  const size_t turn = file.size() + (file.empty() ? 0 : file.back());
  core::SpanSource source(file, turn % 4 == 0 ? SIZE_MAX : 1 + turn % 97);
  const StreamVerdict verdict = verify_stream(source, inflater, bitmap, {signature, partition});
  require(*name(verdict) != '\0', "a finding has a name");
  if (verdict.ok()) {
    const test::Inflated judge = test::gunzip_ours(file, {.check_header_crc = false});
    require(judge.result.ok(), "an accepted file can be inflated");
    const size_t bitmap_bytes = judge.bytes.size() - verdict.image_bytes;
    require(bitmap_bytes == bitmap_words(verdict.image_bytes) * 4, "image and bitmap are all");
    require(
        std::equal(judge.bytes.begin() + verdict.image_bytes, judge.bytes.end(), bitmap.begin()),
        "the bitmap is kept");
  }
  return verdict;
}

bool reads(std::span<const uint8_t> image) {
  try {
    test::read_image(image);
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

std::multiset<std::string> strings_of(const ImageView& image) {
  std::multiset<std::string> strings;
  uint32_t at = image.strings_begin();
  for (uint32_t left = image.string_count(); left > 0; --left) {
    const auto string = image.string_at(at);
    require(string.has_value(), "a verified image has the strings it counts");
    strings.emplace(string->bytes.begin(), string->bytes.end());
    at = string->end;
  }
  return strings;
}

// What lies behind an absolute image, as one to attach to it.
void check_attached(const ImageView& base, bool base_is_good) {
  std::vector<uint8_t> file(base.rest().begin(), base.rest().end());
  file.resize(file.size() / kWordBytes * kWordBytes);
  if (file.size() < kHeaderWords * kWordBytes) {
    return;
  }
  const BaseStrings strings(base.bytes(), base.base());
  core::store_word(file, kHeaderSize * kWordBytes, static_cast<uint32_t>(file.size()));
  core::store_word(file, kHeaderBase * kWordBytes, BaseStrings::identity_of(base.bytes()));
  core::store_word(file, kHeaderCheck * kWordBytes, attach_checksum(file));
  const uint32_t address =
      core::load_word(file, kHeaderHashVector * kWordBytes) - kHeaderWords * kWordBytes;
  std::vector<uint8_t> bitmap(bitmap_words(static_cast<uint32_t>(file.size())) * kWordBytes);
  const AttachVerdict verdict =
      attach_check(file, address, base.signature() & ~kAbsoluteBit, &strings, bitmap);
  require(verdict.structure.offset < file.size() / kWordBytes + kProtoWords,
          "a finding has a place");
  if (!verdict.ok() || !base_is_good) {
    return;
  }
  std::multiset<std::string> all = strings_of(base);
  for (const std::string& string : strings_of(map_image(file, ImageUse::kAttach).value())) {
    require(!all.contains(string), "each string is in one image, and once");
    all.insert(string);
  }
}

void check_image(std::span<const uint8_t> bytes) {
  const auto opened = open_image(bytes);
  if (!opened) {
    require(*name(opened.error()) != '\0', "an error has a name");
    return;
  }
  const ImageView& image = opened.value();
  const Verified verified = test::verify_image(image);
  const StructureFinding finding = verified.structure.finding;
  require(*name(finding) != '\0', "a finding has a name");
  require(verified.structure.offset < image.words() + kProtoWords, "a finding has a place");
  if (image.generation() != Generation::kApril2020) {
    return;
  }
  if (image.absolute()) {
    check_attached(image, verified.ok());
  }
  // The reader does not look into instructions and what they may use, nor is it an absolute image's
  // business what lies behind it.
  const bool judged = reads(image.absolute() ? image.bytes() : bytes);
  if (verified.ok()) {
    require(judged || (bytes.size() == image.bytes().size() && !image.absolute()),
            "accepted is what the reader takes");
  } else if (finding != StructureFinding::kCode && finding != StructureFinding::kMain &&
             finding != StructureFinding::kBucketSize && image.rest().size() % 4 == 0) {
    require(!judged || image.rest().empty(), "refused is what the reader refuses");
  }
  if (!image.absolute() && verified.ok() && image.words() <= 16384) {
    const std::string file = test::envelope(bytes);
    const StreamVerdict verdict = check_file(bytes_of(file), image.signature());
    require(verdict.ok() || verdict.finding == StreamFinding::kShortFile,
            "what is right through and through passes as a file");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const uint8_t> input(data, size);
  const std::vector<uint8_t> payload = fuzz::image_of(input);
  const uint32_t signature =
      payload.size() < 4 ? kSignatureFloat : core::load_word(payload, 0) & ~kAbsoluteBit;
  check_file(input, signature);
  check_image(payload);
  check_file(bytes_of(test::envelope(payload)), signature);
  return 0;
}
