// LFS images as inputs of fuzzers. Linking image_input.cpp also gives a fuzzer its mutations:
// inputs are changed behind the gzip envelope of the corpus, and by words an image may have.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace flashstore::fuzz {

// What `input` holds: its content if it is a gzip member, else itself.
std::vector<uint8_t> image_of(std::span<const uint8_t> input);

}  // namespace flashstore::fuzz
