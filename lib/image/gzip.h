// The gzip envelope of a position-independent image (luaflash/FORMAT.md, "Envelope").
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace flashstore::image {

enum class Compression {
  kNone,
  kFast,
  kDefault,
  kBest,  // never larger than kDefault; takes a hundred times as long
};

// What the levels are called on command lines.
inline constexpr std::array<std::pair<std::string_view, Compression>, 4> kCompressionNames{
    {{"none", Compression::kNone},
     {"fast", Compression::kFast},
     {"default", Compression::kDefault},
     {"best", Compression::kBest}}};

// `payload` as one gzip member that has passed check_gzip. The same payload always gives the same
// bytes; where what the level asked for gives would be refused, those of the level below. The
// payload must have the 178 bytes that make a file long enough for a device, as every image does:
// throws std::invalid_argument if not. Throws std::bad_alloc.
std::vector<uint8_t> gzip(std::span<const uint8_t> payload,
                          Compression compression = Compression::kDefault);

}  // namespace flashstore::image
