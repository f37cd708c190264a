#include "image/gzip.h"

#include <zlib.h>

#include <array>
#include <stdexcept>
#include <utility>

#include "image/gzip_check.h"
#include "image/gzip_deflate.h"

namespace flashstore::image {
namespace {

// zlib's levels. Level 8 searches three times as long for files 1.4 % smaller.
constexpr int kStoreLevel = 0;
constexpr int kFastLevel = 1;
constexpr int kDefaultLevel = 6;

// As the original compiler writes it, whatever the level: no name, no time, "fast", Unix.
constexpr std::array<uint8_t, 10> kHeader = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 4, 3};

void append_word(std::vector<uint8_t>& file, uint32_t word) {
  for (int shift = 0; shift < 32; shift += 8) {
    file.push_back(static_cast<uint8_t>(word >> shift));
  }
}

std::vector<uint8_t> as_member(const std::vector<uint8_t>& deflated,
                               std::span<const uint8_t> payload) {
  std::vector<uint8_t> file(kHeader.begin(), kHeader.end());
  file.insert(file.end(), deflated.begin(), deflated.end());
  append_word(file, static_cast<uint32_t>(crc32_z(0, payload.data(), payload.size())));
  append_word(file, static_cast<uint32_t>(payload.size()));
  return file;
}

// The smallest file so far that a device reads.
class Smallest {
 public:
  explicit Smallest(std::span<const uint8_t> payload) : payload_(payload) {}

  void offer(const std::vector<uint8_t>& deflated) {
    std::vector<uint8_t> file = as_member(deflated, payload_);
    if ((file_.empty() || file.size() < file_.size()) && !check_gzip(file, payload_)) {
      file_ = std::move(file);
    }
  }

  bool none() const { return file_.empty(); }
  bool larger_than_payload() const { return file_.size() > payload_.size(); }
  std::vector<uint8_t> take() && { return std::move(file_); }

 private:
  std::span<const uint8_t> payload_;
  std::vector<uint8_t> file_;
};

}  // namespace

std::vector<uint8_t> gzip(std::span<const uint8_t> payload, Compression compression) {
  Smallest smallest(payload);
  if (compression == Compression::kBest) {
    smallest.offer(deflate_with_zopfli(payload));
  }
  if (compression == Compression::kBest || compression == Compression::kDefault) {
    smallest.offer(deflate_with_zlib(payload, kDefaultLevel));
  }
  // What the better ones make of a monotonous payload may be too short for a device.
  if (compression != Compression::kNone && smallest.none()) {
    smallest.offer(deflate_with_zlib(payload, kFastLevel));
  }
  if (smallest.none() || smallest.larger_than_payload()) {
    smallest.offer(deflate_with_zlib(payload, kStoreLevel));
  }
  if (smallest.none()) {
    throw std::invalid_argument("gzip: no device reads so short a file");
  }
  return std::move(smallest).take();
}

}  // namespace flashstore::image
