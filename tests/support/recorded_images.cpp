#include "support/recorded_images.h"

#include "support/files.h"

namespace flashstore::test {
namespace {

const std::string kExpected = FLASHSTORE_TEST_DATA "/lfs/expected/";

nlohmann::json manifest(const char* part) {
  return nlohmann::json::parse(read_text(kExpected + "manifest.json"))[part];
}

RecordedImage load(const nlohmann::json& record) {
  const std::string file = record["image_file"];
  const std::string bytes = read_text(kExpected + file);
  return {file, record, bytes.starts_with("\x1F\x8B") ? gunzip(bytes) : bytes};
}

}  // namespace

std::vector<RecordedImage> recorded_images(const std::string& format) {
  std::vector<RecordedImage> images;
  for (const nlohmann::json& build : manifest("builds")) {
    if (build.value("format", "") == format && build.contains("image_file")) {
      images.push_back(load(build));
    }
  }
  return images;
}

std::vector<RecordedImage> recorded_legacy_images() {
  std::vector<RecordedImage> images;
  for (const nlohmann::json& build : manifest("legacy")) {
    if (build["exit_code"] == 0) {
      images.push_back(load(build));
    }
  }
  return images;
}

}  // namespace flashstore::test
