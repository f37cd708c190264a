// Any bytes as a gzip member, and any bytes as the blocks of an otherwise perfect one: the inflater
// accepts what zlib accepts, gives the same bytes, and stays within its memory.
#include <cstdio>
#include <cstdlib>

#include "core/gunzip_both.h"

namespace {

using namespace flashstore;
using core::InflateError;
using test::Inflated;
using test::ZlibVerdict;

constexpr uint32_t kLimit = 40000;  // more than any window
constexpr size_t kHeaderBytes = 10;
constexpr uint8_t kHeader[kHeaderBytes] = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3};
constexpr size_t kFixedHeaderBytes = 4;  // of it: the rest may be anything

void require(bool condition, const char* what) {
  if (!condition) {
    std::fprintf(stderr, "violated: %s\n", what);
    std::abort();
  }
}

Inflated check(std::span<const uint8_t> file) {
  // Read and written in pieces of all sizes, the same for the same file.
  const size_t turn = file.size() + (file.empty() ? 0 : file.back());
  const size_t piece = turn % 4 == 0 ? SIZE_MAX : 1 + turn % 97;
  const ZlibVerdict zlib = test::gunzip_zlib(file, 31, kLimit);
  const Inflated ours =
      test::gunzip_ours(file, {.piece_bytes = 256u << turn % 5, .max_output = kLimit}, piece);
  const std::string found = test::difference(file, ours, zlib);
  require(found.empty(), found.c_str());

  core::InflateOptions rules = test::kDeviceRules;
  rules.max_output = kLimit;
  const Inflated device = test::gunzip_ours(file, rules, piece, 16384);
  if (device.result.ok()) {
    require(ours.result.ok() || ours.result.error == InflateError::kHeaderChecksum,
            "a device takes only what is right");
    require(!ours.result.ok() || device.bytes == ours.bytes, "a device gets the same bytes");
  } else if (ours.result.ok()) {
    const InflateError error = device.result.error;
    require(error == InflateError::kEmptyExtra || error == InflateError::kDistanceBeyondWindow ||
                error == InflateError::kMatchOfFirstByte,
            "a device refuses only by its own rules");
  }
  return ours;
}

void append_word(std::vector<uint8_t>& file, uint32_t word) {
  for (int shift = 0; shift < 32; shift += 8) {
    file.push_back(static_cast<uint8_t>(word >> shift));
  }
}

void check_blocks(std::span<const uint8_t> blocks) {
  const ZlibVerdict zlib = test::gunzip_zlib(blocks, -15, kLimit);
  std::vector<uint8_t> file(kHeader, kHeader + kHeaderBytes);
  file.insert(file.end(), blocks.begin(),
              blocks.end() - static_cast<ptrdiff_t>(zlib.accepted ? zlib.rest : 0));
  append_word(file, static_cast<uint32_t>(
                        ::crc32(0, zlib.bytes.data(), static_cast<uInt>(zlib.bytes.size()))));
  append_word(file, static_cast<uint32_t>(zlib.bytes.size()));
  const Inflated ours = check(file);
  if (zlib.accepted && zlib.bytes.size() <= kLimit) {
    require(ours.result.ok(), "a perfect member is accepted");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const uint8_t> input(data, size);
  check(input);
  const bool member =
      size >= kHeaderBytes && std::equal(kHeader, kHeader + kFixedHeaderBytes, data);
  check_blocks(member ? input.subspan(kHeaderBytes) : input);
  return 0;
}
