// The compressors behind gzip(): raw deflate streams (RFC 1951) within a device's window, of which
// no match begins with the first byte of the payload.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace flashstore::image {

// zlib's, `level` as zlib has it: 0 stores, 9 searches most. Throws std::bad_alloc.
std::vector<uint8_t> deflate_with_zlib(std::span<const uint8_t> payload, int level);

// Zopfli's. Without memory Zopfli itself ends the program, with exit status 255.
std::vector<uint8_t> deflate_with_zopfli(std::span<const uint8_t> payload);

}  // namespace flashstore::image
