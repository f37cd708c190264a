// The functions of an image, and the modules a command line names.
#pragma once

#include <optional>
#include <string>

#include "core/result.h"
#include "image_file.h"
#include "luac/lift.h"

namespace flashstore::lfsimg {

core::Result<luac::Lifted, Problem> lift(const ImageFile& image);

// The first module called `name`, as a device finds it: its place in the image's order.
core::Result<size_t, Problem> find_module(const luac::Lifted& image, const std::string& name);

}  // namespace flashstore::lfsimg
