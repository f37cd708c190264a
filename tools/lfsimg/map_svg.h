// Where in an image what lies, as a picture.
#pragma once

#include <string>

#include "image/attribution.h"
#include "image_file.h"

namespace flashstore::lfsimg {

// An SVG document that needs nothing but itself: the payload in lines of equally many bytes, by
// kind; pointing at a part tells what it is.
std::string map_svg(const ImageFile& file, const image::Attribution& sizes);

}  // namespace flashstore::lfsimg
