// What the original wrote, and what it left when its power went, is ours to go on with.
#include "lilotafs/golden.h"

#include <gmock/gmock.h>

#include "lilotafs/disk.h"
#include "support/files.h"

namespace flashstore::test {
namespace {

using testing::SizeIs;

TEST(GoldenImages, AreMountedAndReadAsTheOriginalReadsThem) {
  const auto images = golden_images();
  ASSERT_THAT(images, SizeIs(3));
  for (const GoldenImage& image : images) {
    SCOPED_TRACE(image.file);
    Disk disk(image.bytes);
    ASSERT_EQ(disk.mount(), "");
    EXPECT_EQ(disk.image(), image.bytes) << "nothing to repair";
    const Files files = disk.files();
    size_t named = 0;
    for (const GoldenRecord& record : image.records) {
      if (record.name.empty()) {
        continue;
      }
      ++named;
      ASSERT_TRUE(files.contains(record.name)) << record.name;
      EXPECT_EQ(sha256(files.at(record.name)), record.sha256) << record.name;
    }
    EXPECT_THAT(files, SizeIs(named));
    EXPECT_EQ(use_hard(disk, files), "");
  }
}

// "" or what is wrong with `files`.
std::string judge(const Files& files, const CrashImage& image) {
  std::string wrong;
  for (const auto& [path, states] : image.acceptable) {
    bool right = false;
    for (const GoldenState& state : states) {
      right =
          right || (state.absent ? !files.contains(path)
                                 : files.contains(path) && sha256(files.at(path)) == state.sha256);
    }
    if (!right) {
      wrong += path + (files.contains(path) ? " is neither old nor new; " : " is lost; ");
    }
  }
  for (const auto& [path, content] : files) {
    if (!image.acceptable.contains(path)) {
      wrong += path + " never was; ";
    }
  }
  return wrong;
}

TEST(CrashImages, AllRecoverWithOneMount) {
  const auto images = crash_images();
  ASSERT_THAT(images, SizeIs(64 + 7));
  for (const CrashImage& image : images) {
    SCOPED_TRACE(image.file + ", " + image.kind + ", " + image.cut);
    Disk disk(image.bytes);
    const std::string error = disk.mount();
    EXPECT_EQ(error, "");
    if (error != "") {
      continue;
    }
    const Files files = disk.files();
    EXPECT_EQ(judge(files, image), "");
    EXPECT_EQ(parsed_files(disk.image()), files);
    EXPECT_EQ(use_hard(disk, files), "");
  }
}

}  // namespace
}  // namespace flashstore::test
