// What a device asks of the gzip envelope (luaflash/FORMAT.md, "Envelope"), put to a file of ours.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace flashstore::image {

// Why a device would not read `payload` from `file`: a short name of the flaw, as of
// core::InflateError, or "too-short" or "other-data". nullopt: it would.
std::optional<std::string_view> check_gzip(std::span<const uint8_t> file,
                                           std::span<const uint8_t> payload);

}  // namespace flashstore::image
