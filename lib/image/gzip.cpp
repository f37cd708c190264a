#include "image/gzip.h"

#include <zlib.h>

#include <new>

#include "luaflash/format.h"

namespace flashstore::image {
namespace {

constexpr int kWindowBits = 14;    // 2^14 = luaflash::kMaxBackReference
constexpr int kGzipEnvelope = 16;  // zlib: added to the window bits
constexpr int kMaxMemLevel = 9;
constexpr int kUnix = 3;  // the operating system byte, so that it is the same everywhere

static_assert(1 << kWindowBits == luaflash::kMaxBackReference);

std::vector<uint8_t> deflate_all(std::span<const uint8_t> payload, int level) {
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, kWindowBits + kGzipEnvelope, kMaxMemLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  gz_header header{};
  header.os = kUnix;
  deflateSetHeader(&stream, &header);
  std::vector<uint8_t> file(deflateBound(&stream, payload.size()));
  stream.next_in = const_cast<Bytef*>(payload.data());
  stream.avail_in = static_cast<uInt>(payload.size());
  stream.next_out = file.data();
  stream.avail_out = static_cast<uInt>(file.size());
  deflate(&stream, Z_FINISH);
  file.resize(stream.total_out);
  deflateEnd(&stream);
  return file;
}

}  // namespace

// zlib never matches the first byte of its window's first use: position 0 means "no match" to it.
std::vector<uint8_t> gzip(std::span<const uint8_t> payload) {
  std::vector<uint8_t> file = deflate_all(payload, Z_BEST_COMPRESSION);
  if (file.size() < luaflash::kMinFileBytes) {
    file = deflate_all(payload, Z_NO_COMPRESSION);
  }
  return file;
}

}  // namespace flashstore::image
