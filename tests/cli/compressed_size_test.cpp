// luac.cross --compress against the files the original made of the same sources.
//
// Zopfli takes its time: best is tried on a few of the builds, on all with FLASHSTORE_DEEP in the
// environment.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <vector>

#include "support/files.h"
#include "support/process.h"

namespace flashstore::test {
namespace {

using nlohmann::json;

const std::string kData = FLASHSTORE_TEST_DATA "/lfs";
constexpr size_t kWorthComparing = 8192;

// The recorded builds of which the original's file is larger than that.
std::vector<json> large_builds() {
  static const json manifest = json::parse(read_text(kData + "/expected/manifest.json"));
  std::vector<json> found;
  for (const json& build : manifest["builds"]) {
    if (build.value("format", "") == "pi-v1" && build["output_size"] > kWorthComparing) {
      found.push_back(build);
    }
  }
  return found;
}

std::string our_file(const json& build, const std::string& level) {
  const TemporaryFolder folder;
  std::vector<std::string> words{LUAC_CROSS, "--target", build["flavour"], "--compress",
                                 level,      "-o",       folder / "out"};
  words.insert(words.end(), build["options"].begin(), build["options"].end());
  words.insert(words.end(), build["files"].begin(), build["files"].end());
  ProcessOptions options;
  options.directory = kData + "/src";
  options.environment = {{"SOURCE_DATE_EPOCH", std::to_string(build["time"].get<int64_t>())}};
  const ProcessResult result = run_process(words, options);
  EXPECT_EQ(result.exit_status, 0) << result.err;
  return read_text(folder / "out");
}

struct Ratios {
  double in_sum;
  double largest;
};

Ratios ratios(const std::vector<json>& builds, const std::string& level) {
  size_t original = 0;
  size_t ours = 0;
  Ratios found{};
  for (const json& build : builds) {
    const size_t size = our_file(build, level).size();
    ours += size;
    original += build["output_size"].get<size_t>();
    found.largest = std::max(found.largest, size / build["output_size"].get<double>());
  }
  found.in_sum = static_cast<double>(ours) / static_cast<double>(original);
  std::cout << level << ": " << builds.size() << " of " << large_builds().size() << " builds, "
            << ours << " bytes for " << original << ", ratio " << found.in_sum << ", at most "
            << found.largest << "\n";
  return found;
}

TEST(CompressedSize, DefaultSavesAnEighth) {
  const Ratios found = ratios(large_builds(), "default");
  EXPECT_LE(found.in_sum, 0.87);
  EXPECT_LE(found.largest, 0.91);
}

TEST(CompressedSize, BestSavesAFifth) {
  std::vector<json> builds = large_builds();
  if (std::getenv("FLASHSTORE_DEEP") == nullptr) {
    std::erase_if(builds, [](const json& build) {
      const std::string name = build["name"];
      return build["flavour"] != "float" ||
             (name != "one-manyk" && name != "one-near64k" && name != "all-small");
    });
    ASSERT_EQ(builds.size(), 3u);
  }
  const Ratios found = ratios(builds, "best");
  EXPECT_LE(found.in_sum, 0.78);
  EXPECT_LE(found.largest, 0.83);
}

TEST(CompressedSize, EveryLevelHoldsTheSame) {
  const json build = large_builds().at(0);
  const std::string wanted = build["payload_sha256"];
  size_t below = SIZE_MAX;
  for (const std::string level : {"none", "fast", "default", "best"}) {
    const std::string file = our_file(build, level);
    EXPECT_EQ(sha256(gunzip(file)), wanted) << level;
    EXPECT_LT(file.size(), below) << level;
    below = file.size();
  }
}

}  // namespace
}  // namespace flashstore::test
