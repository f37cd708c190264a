#include <zlib.h>

#include <new>

#include "image/gzip_deflate.h"
#include "luaflash/format.h"

namespace flashstore::image {
namespace {

constexpr int kWindowBits = 14;  // 2^14 = luaflash::kMaxBackReference
constexpr int kNoEnvelope = -1;  // zlib: the sign of the window bits

// Also sets the symbols a block has: 2048. An image's parts (code, constants, strings, lines) are
// small and unlike one another, so short blocks with codes of their own pay: 3 % less than with the
// largest.
constexpr int kMemLevel = 5;

static_assert(1 << kWindowBits == luaflash::kMaxBackReference);

}  // namespace

// To zlib position 0 means "no match", so that it never matches the first byte.
std::vector<uint8_t> deflate_with_zlib(std::span<const uint8_t> payload, int level) {
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, kNoEnvelope * kWindowBits, kMemLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  std::vector<uint8_t> deflated(deflateBound(&stream, payload.size()));
  stream.next_in = const_cast<Bytef*>(payload.data());
  stream.avail_in = static_cast<uInt>(payload.size());
  stream.next_out = deflated.data();
  stream.avail_out = static_cast<uInt>(deflated.size());
  deflate(&stream, Z_FINISH);
  deflated.resize(stream.total_out);
  deflateEnd(&stream);
  return deflated;
}

}  // namespace flashstore::image
