// The gzip envelope of a position-independent image (luaflash/FORMAT.md, "Envelope").
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace flashstore::image {

// `payload` as one gzip member a device accepts: no match reaches further back than its 16 KiB
// window, none refers to the very first byte, the file is long enough. The same payload always
// gives the same bytes. Throws std::bad_alloc.
std::vector<uint8_t> gzip(std::span<const uint8_t> payload);

}  // namespace flashstore::image
