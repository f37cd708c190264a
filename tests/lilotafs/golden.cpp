#include "lilotafs/golden.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "support/files.h"

namespace flashstore::test {
namespace {

using Json = nlohmann::json;

const std::string kFolder = FLASHSTORE_TEST_DATA "/lilotafs/";

std::vector<uint8_t> image_of(const std::string& file, const std::string& digest) {
  const std::string bytes = gunzip(read_text(kFolder + file));
  if (sha256(bytes) != digest) {
    throw std::runtime_error(file + " is not the image the list speaks of");
  }
  return {bytes.begin(), bytes.end()};
}

}  // namespace

std::vector<GoldenImage> golden_images() {
  std::vector<GoldenImage> images;
  const Json list = Json::parse(read_text(kFolder + "manifest.json"));
  for (const Json& entry : list["images"]) {
    GoldenImage image{entry["image"],
                      image_of(entry["image"], entry["sha256"]),
                      entry["head"],
                      entry["tail"],
                      {}};
    for (const Json& record : entry["records"]) {
      image.records.push_back({record["off"], record["magic"], record["status"], record["name"],
                               record["data_off"], record["data_len"], record["sha256"]});
    }
    images.push_back(std::move(image));
  }
  return images;
}

std::vector<CrashImage> crash_images() {
  std::vector<CrashImage> images;
  const Json list = Json::parse(read_text(kFolder + "crash/expect.json"));
  for (const Json& entry : list["images"]) {
    const std::string file = "crash/" + entry["image"].get<std::string>();
    CrashImage image{file, entry["cut"], entry["case"], image_of(file, entry["image_sha256"]), {}};
    for (const Json& path : entry["files"]) {
      for (const Json& state : path["acceptable"]) {
        image.acceptable[path["path"]].push_back(
            state.contains("absent") ? GoldenState{true, 0, ""}
                                     : GoldenState{false, state["size"], state["sha256"]});
      }
    }
    images.push_back(std::move(image));
  }
  return images;
}

}  // namespace flashstore::test
