#include <zopfli/deflate.h>
#include <zopfli/util.h>

#include <cstdlib>
#include <memory>

#include "image/gzip_deflate.h"
#include "luaflash/format.h"

namespace flashstore::image {
namespace {

constexpr int kIterations = 15;
constexpr int kMaxBlocks = 15;
constexpr int kAnyBlockType = 2;

static_assert(ZOPFLI_WINDOW_SIZE == luaflash::kMaxBackReference);  // patches/device-window.patch

}  // namespace

std::vector<uint8_t> deflate_with_zopfli(std::span<const uint8_t> payload) {
  ZopfliOptions options{};
  options.numiterations = kIterations;
  options.blocksplitting = 1;
  options.blocksplittingmax = kMaxBlocks;
  unsigned char used_bits = 0;
  unsigned char* bytes = nullptr;
  size_t size = 0;
  ZopfliDeflate(&options, kAnyBlockType, 1, payload.data(), payload.size(), &used_bits, &bytes,
                &size);
  const std::unique_ptr<unsigned char, decltype(&std::free)> owner(bytes, &std::free);
  return {bytes, bytes + size};
}

}  // namespace flashstore::image
