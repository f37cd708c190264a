// The image in LFS that --attach-to names.
#pragma once

#include <optional>

#include "core/result.h"
#include "inputs.h"
#include "luac/base_image.h"
#include "options.h"

namespace flashstore::luac_cross {

// As it will lie in flash; an empty one if `options` name none. All of it is checked.
core::Result<luac::BaseImage, InputError> read_base_file(const Options& options);

// Why an image of so many bytes at the address of -a cannot go with `base`, if it cannot.
std::optional<InputError> find_overlap(const Options& options, const luac::BaseImage& base,
                                       uint32_t image_bytes);

}  // namespace flashstore::luac_cross
