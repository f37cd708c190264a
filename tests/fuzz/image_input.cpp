#include "image_input.h"

#include <zlib.h>

#include <algorithm>
#include <random>

#include "core/bytes.h"
#include "luaflash/format.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace flashstore::fuzz {
namespace {

constexpr size_t kMaxContent = 1 << 20;

using luaflash::kWordBytes;

// Puts another word into the image in place of one: an offset, a small number, or what stands
// elsewhere.
void change_word(std::span<uint8_t> image, std::minstd_rand& random) {
  const size_t words = image.size() / kWordBytes;
  if (words == 0) {
    return;
  }
  const size_t at = random() % words * kWordBytes;
  const uint32_t values[] = {static_cast<uint32_t>(random() % words),
                             static_cast<uint32_t>(random() % 8),
                             core::load_word(image, random() % words * kWordBytes),
                             core::load_word(image, at) + 1,
                             core::load_word(image, at) - 1,
                             core::load_word(image, at) ^ 1u << random() % 32};
  core::store_word(image, at, values[random() % std::size(values)]);
}

// Makes the header's size such that the image is not refused because of it.
void fit_size(std::span<uint8_t> image) {
  if (image.size() >= luaflash::kHeaderWords * kWordBytes) {
    const auto most = static_cast<uint32_t>(image.size() / kWordBytes * kWordBytes);
    const uint32_t size = core::load_word(image, luaflash::kHeaderSize * kWordBytes);
    core::store_word(image, luaflash::kHeaderSize * kWordBytes, std::min(size, most));
  }
}

}  // namespace

std::vector<uint8_t> image_of(std::span<const uint8_t> input) {
  if (input.size() < 2 || input[0] != 0x1F || input[1] != 0x8B) {
    return {input.begin(), input.end()};
  }
  std::vector<uint8_t> content(kMaxContent);
  z_stream stream{};
  stream.next_in = const_cast<uint8_t*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = content.data();
  stream.avail_out = kMaxContent;
  if (inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK) {
    inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
  }
  content.resize(stream.total_out);
  return content;
}

}  // namespace flashstore::fuzz

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  using namespace flashstore::fuzz;
  const std::vector<uint8_t> image = image_of({data, size});
  if (image.size() > max_size) {
    return LLVMFuzzerMutate(data, size, max_size);
  }
  std::copy(image.begin(), image.end(), data);
  size = image.size();
  std::minstd_rand random(seed);
  if (random() % 4 == 0) {
    size = LLVMFuzzerMutate(data, size, max_size);
  } else {
    for (auto left = random() % 3 + 1; left > 0; --left) {
      change_word({data, size}, random);
    }
  }
  fit_size({data, size});
  return size;
}
