// The images the original compilers made, from data/lfs/expected.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace flashstore::test {

struct RecordedImage {
  std::string file;       // relative to data/lfs/expected
  nlohmann::json record;  // of the manifest
  std::string content;    // not compressed: image and bitmap, or the image alone
};

// Those of which the manifest says this format, "pi-v1" or "absolute-v1".
std::vector<RecordedImage> recorded_images(const std::string& format);

// Those of 2018.
std::vector<RecordedImage> recorded_legacy_images();

}  // namespace flashstore::test
