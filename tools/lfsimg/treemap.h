// The sizes of an image as a page to look at.
#pragma once

#include <string>

#include "image/attribution.h"
#include "image_file.h"

namespace flashstore::lfsimg {

// An HTML page that needs nothing but itself: areas for modules, functions and kinds of bytes
// (treemap.html), and the same as a table.
std::string treemap(const ImageFile& file, const image::Attribution& sizes);

}  // namespace flashstore::lfsimg
