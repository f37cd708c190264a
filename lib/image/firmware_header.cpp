#include "image/firmware_header.h"

#include <sha256.h>

#include <algorithm>
#include <array>

#include "core/bytes.h"
#include "core/crc32.h"
#include "partition/table.h"

namespace flashstore::image {
namespace {

using Bytes = std::span<const uint8_t>;

constexpr uint32_t kHeaderBytes = sizeof(partition::ImageHeader);
constexpr uint32_t kSegmentHeaderBytes = sizeof(partition::SegmentHeader);

// Walks through an image, and notes what is wrong first.
class Walk {
 public:
  explicit Walk(Bytes bytes) : bytes_(bytes) {}

  bool ok() const { return !problem_; }
  FirmwareProblem problem() const { return *problem_; }
  uint32_t at() const { return at_; }

  void fail(FirmwareFlaw flaw, uint32_t offset) {
    if (ok()) {
      problem_ = FirmwareProblem{flaw, offset};
    }
  }

  // The next bytes; empty if there are not so many.
  Bytes take(uint32_t count) {
    if (!ok() || count > bytes_.size() - at_) {
      fail(FirmwareFlaw::kCutOff, at_);
      return {};
    }
    at_ += count;
    return bytes_.subspan(at_ - count, count);
  }

  FirmwareSegment segment() {
    const uint32_t offset = at_;
    const Bytes header = take(kSegmentHeaderBytes);
    if (!ok()) {
      return {};
    }
    const FirmwareSegment segment{core::load_word(header, 0), at_, core::load_word(header, 4)};
    if (segment.bytes % 4 != 0) {
      fail(FirmwareFlaw::kLength, offset);
    }
    take(segment.bytes);
    return segment;
  }

 private:
  Bytes bytes_;
  uint32_t at_ = 0;
  std::optional<FirmwareProblem> problem_;
};

void take_flash(FirmwareHeader& header, Bytes bytes) {
  header.mode = bytes[partition::kImageFlashMode];
  header.size = bytes[partition::kImageFlashSizeAndSpeed] >> 4;
  header.speed = bytes[partition::kImageFlashSizeAndSpeed] & 0xF;
  header.entry = core::load_word(bytes, partition::kImageEntry);
}

// The segments that a checksum covers, and that checksum.
void take_loaded(Walk& walk, Bytes image, uint32_t count, uint32_t at_header,
                 FirmwareHeader& header) {
  if (count == 0 || count > partition::kMaxImageSegments) {
    walk.fail(FirmwareFlaw::kSegments, at_header + partition::kImageSegments);
  }
  uint8_t sum = partition::kChecksumSeed;
  for (uint32_t i = 0; i < count && walk.ok(); ++i) {
    const FirmwareSegment segment = walk.segment();
    if (walk.ok()) {
      for (const uint8_t byte : image.subspan(segment.offset, segment.bytes)) {
        sum ^= byte;
      }
      header.segments.push_back(segment);
    }
  }
  const Bytes end = walk.take(partition::kImageAlignment - walk.at() % partition::kImageAlignment);
  if (walk.ok() && end.back() != sum) {
    walk.fail(FirmwareFlaw::kChecksum, walk.at() - 1);
  }
}

// As boot loaders for version 2 count it.
uint32_t version2_crc(Bytes bytes) {
  const uint32_t crc = core::crc32(bytes);
  return crc >> 31 != 0 ? ~crc : crc + 1;
}

std::array<uint8_t, partition::kEsp32DigestBytes> sha256(Bytes bytes) {
  std::array<uint8_t, partition::kEsp32DigestBytes> digest;
  SHA2_CTX context;
  SHA256Init(&context);
  SHA256Update(&context, bytes.data(), bytes.size());
  SHA256Final(digest.data(), &context);
  return digest;
}

core::Result<FirmwareHeader, FirmwareProblem> finished(const Walk& walk, FirmwareHeader header) {
  if (!walk.ok()) {
    return walk.problem();
  }
  header.bytes = walk.at();
  return header;
}

core::Result<FirmwareHeader, FirmwareProblem> read_esp8266(Bytes image) {
  Walk walk(image);
  FirmwareHeader header;
  if (const Bytes first = walk.take(kHeaderBytes); walk.ok()) {
    take_flash(header, first);
    take_loaded(walk, image, first[partition::kImageSegments], 0, header);
  }
  return finished(walk, header);
}

core::Result<FirmwareHeader, FirmwareProblem> read_version2(Bytes image) {
  Walk walk(image);
  FirmwareHeader header;
  header.format = FirmwareFormat::kEsp8266V2;
  if (const Bytes first = walk.take(kHeaderBytes);
      walk.ok() && first[partition::kImageSegments] != partition::kImageV2Segments) {
    walk.fail(FirmwareFlaw::kSegments, partition::kImageSegments);
  }
  if (const FirmwareSegment text = walk.segment(); walk.ok()) {
    header.segments.push_back(text);
  }
  const uint32_t at = walk.at();
  if (const Bytes second = walk.take(kHeaderBytes); walk.ok()) {
    if (second[0] != partition::kImageMagic) {
      walk.fail(FirmwareFlaw::kNoImage, at);
    }
    take_flash(header, second);
    take_loaded(walk, image, second[partition::kImageSegments], at, header);
  }
  // Old tools append none.
  const uint32_t end = walk.at();
  header.has_digest = end < image.size();
  if (const Bytes crc = walk.take(header.has_digest ? 4 : 0);
      walk.ok() && header.has_digest && core::load_word(crc, 0) != version2_crc(image.first(end))) {
    walk.fail(FirmwareFlaw::kDigest, end);
  }
  return finished(walk, header);
}

core::Result<FirmwareHeader, FirmwareProblem> read_esp32(Bytes image) {
  Walk walk(image);
  FirmwareHeader header;
  header.format = FirmwareFormat::kEsp32;
  if (const Bytes first = walk.take(partition::kEsp32HeaderBytes); walk.ok()) {
    take_flash(header, first);
    header.chip = core::load_word(first, partition::kEsp32ChipId) & 0xFFFF;
    header.has_digest = first[partition::kEsp32DigestAppended] == 1;
    take_loaded(walk, image, first[partition::kImageSegments], 0, header);
  }
  const uint32_t end = walk.at();
  if (const Bytes digest = walk.take(header.has_digest ? partition::kEsp32DigestBytes : 0);
      walk.ok() && header.has_digest && !std::ranges::equal(digest, sha256(image.first(end)))) {
    walk.fail(FirmwareFlaw::kDigest, end);
  }
  return finished(walk, header);
}

// Of one that is not whole: only an ESP32's has zeros, then 0 or 1, at the end of the header, and
// the number of a chip there.
bool looks_like_esp32(Bytes image) {
  const Bytes header = image.first(std::min<size_t>(image.size(), partition::kEsp32HeaderBytes));
  return header.size() == partition::kEsp32HeaderBytes &&
         std::ranges::all_of(header.subspan(19, 4), [](uint8_t byte) { return byte == 0; }) &&
         header[partition::kEsp32DigestAppended] <= 1 && header[partition::kEsp32ChipId + 1] == 0;
}

}  // namespace

core::Result<FirmwareHeader, FirmwareProblem> read_firmware_header(Bytes bytes) {
  if (bytes.empty()) {
    return FirmwareProblem{FirmwareFlaw::kCutOff, 0};
  }
  if (bytes[0] == partition::kImageV2Magic) {
    return read_version2(bytes);
  }
  if (bytes[0] != partition::kImageMagic) {
    return FirmwareProblem{FirmwareFlaw::kNoImage, 0};
  }
  auto esp32 = read_esp32(bytes);
  auto esp8266 = read_esp8266(bytes);
  if (esp32.ok() != esp8266.ok()) {
    return esp32.ok() ? std::move(esp32) : std::move(esp8266);
  }
  return looks_like_esp32(bytes) ? std::move(esp32) : std::move(esp8266);
}

void change_firmware_header(std::span<uint8_t> image, FirmwareHeader& header,
                            const HeaderChange& change) {
  header.mode = change.mode.value_or(header.mode);
  header.size = change.size.value_or(header.size);
  header.speed = change.speed.value_or(header.speed);
  std::vector<size_t> headers{0};
  if (header.format == FirmwareFormat::kEsp8266V2) {
    const FirmwareSegment& text = header.segments.front();
    headers.push_back(size_t{text.offset} + text.bytes);
  }
  for (const size_t at : headers) {
    image[at + partition::kImageFlashMode] = header.mode;
    image[at + partition::kImageFlashSizeAndSpeed] =
        static_cast<uint8_t>(header.size << 4 | header.speed);
  }
  if (!header.has_digest) {
    return;
  }
  if (header.format == FirmwareFormat::kEsp32) {
    const uint32_t end = header.bytes - partition::kEsp32DigestBytes;
    std::ranges::copy(sha256(image.first(end)), image.begin() + end);
  } else {
    const uint32_t end = header.bytes - 4;
    core::store_word(image, end, version2_crc(image.first(end)));
  }
}

}  // namespace flashstore::image
