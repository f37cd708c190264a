// The inflater under test and zlib, which is the judge of what a gzip member is, run over a file.
#pragma once

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/inflate.h"
#include "luaflash/device_rules.h"

namespace flashstore::test {

using luaflash::kDeviceRules;

struct Collector final : core::ByteSink {
  bool take(std::span<const uint8_t> piece) override {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    pieces.push_back(piece.size());
    return true;
  }

  std::vector<uint8_t> bytes;
  std::vector<size_t> pieces;
};

struct Inflated {
  core::InflateResult result;
  std::vector<uint8_t> bytes;  // whatever the sink got
  std::vector<size_t> pieces;
};

// Runs the inflater over `file`, which it gets in pieces of `piece_bytes`.
inline Inflated gunzip_ours(std::span<const uint8_t> file, const core::InflateOptions& options = {},
                            size_t piece_bytes = SIZE_MAX, size_t window_bytes = 32768) {
  const auto window = std::make_unique_for_overwrite<uint8_t[]>(window_bytes);
  core::Inflater inflater({window.get(), window_bytes});
  core::SpanSource source(file, piece_bytes);
  Collector sink;
  const core::InflateResult result = inflater.gunzip(source, sink, options);
  return {result, std::move(sink.bytes), std::move(sink.pieces)};
}

struct ZlibVerdict {
  bool accepted = false;
  size_t rest = 0;             // bytes behind the member
  std::vector<uint8_t> bytes;  // produced; of no more than `limit` asked for
};

// `window_bits` as inflateInit2 has it: 31 a gzip member, -15 deflated blocks alone.
inline ZlibVerdict gunzip_zlib(std::span<const uint8_t> file, int window_bits = 31,
                               size_t limit = SIZE_MAX) {
  z_stream stream{};
  if (inflateInit2(&stream, window_bits) != Z_OK) {
    throw std::bad_alloc();
  }
  stream.next_in = const_cast<Bytef*>(file.data());
  stream.avail_in = static_cast<uInt>(file.size());
  ZlibVerdict verdict;
  static std::array<uint8_t, 65536> block;
  int status = Z_OK;
  while (status == Z_OK && verdict.bytes.size() <= limit) {
    stream.next_out = block.data();
    stream.avail_out = static_cast<uInt>(block.size());
    status = ::inflate(&stream, Z_NO_FLUSH);
    verdict.bytes.insert(verdict.bytes.end(), block.begin(), block.end() - stream.avail_out);
  }
  verdict.accepted = status == Z_STREAM_END;
  verdict.rest = stream.avail_in;
  inflateEnd(&stream);
  return verdict;
}

// The first difference between the two on `file` in words; empty if there is none. Whole pieces
// the inflater has delivered before it met a flaw must be right as well.
inline std::string difference(std::span<const uint8_t> file, const Inflated& ours,
                              const ZlibVerdict& zlib) {
  using core::InflateError;
  const InflateError error = ours.result.error;
  if (!std::equal(ours.bytes.begin(),
                  ours.bytes.begin() +
                      static_cast<ptrdiff_t>(std::min(ours.bytes.size(), zlib.bytes.size())),
                  zlib.bytes.begin())) {
    return "other bytes";
  }
  if (ours.bytes.size() > zlib.bytes.size()) {
    return "bytes zlib does not produce";
  }
  if (ours.result.ok()) {
    if (!zlib.accepted || zlib.rest != 0) {
      return "accepted, but not by zlib";
    }
    if (ours.bytes.size() != zlib.bytes.size() || ours.bytes.size() != ours.result.output_bytes ||
        ours.result.input_offset != file.size()) {
      return "accepted, but not all of it";
    }
    return "";
  }
  if (ours.result.input_offset > file.size() ||
      (ours.result.input_offset == file.size()) != (error == InflateError::kTruncated)) {
    return "an offset outside the file";
  }
  switch (error) {
    case InflateError::kEmptyExtra:
    case InflateError::kDistanceBeyondWindow:
    case InflateError::kMatchOfFirstByte:
    case InflateError::kTooMuchOutput:
      return "";  // rules of the caller, of which zlib knows nothing
    case InflateError::kSecondMember:
    case InflateError::kTrailingData:
      return zlib.accepted && zlib.rest == file.size() - ours.result.input_offset
                 ? ""
                 : "what follows the member does not follow zlib's";
    default:
      return zlib.accepted ? std::string("refused, but not by zlib: ") + core::name(error) : "";
  }
}

}  // namespace flashstore::test
