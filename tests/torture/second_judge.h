// The independent parser as a judge of what recovery leaves.
#pragma once

#include "torture/sweep.h"

namespace flashstore::test {

// "" if the parser finds no damage in the image and exactly the files of `found`.
std::string judge_again(std::span<const uint8_t> image, const torture::Listing& found);

}  // namespace flashstore::test
