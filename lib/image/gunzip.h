// Takes the gzip envelope off an image file (luaflash/FORMAT.md, "Envelope").
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/inflate.h"
#include "core/result.h"

namespace flashstore::image {

// Whether `file` begins as a gzip file does.
bool is_gzip(std::span<const uint8_t> file);

// What the one member of `file` holds, of at most `max_bytes`. Any gzip's window will do: what a
// device asks for is up to others. The error tells where it is.
core::Result<std::vector<uint8_t>, core::InflateResult> gunzip(std::span<const uint8_t> file,
                                                               uint32_t max_bytes);

}  // namespace flashstore::image
