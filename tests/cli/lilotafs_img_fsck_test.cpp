// What fsck foretells of a partition, held against what a mount of it does.
#include <gtest/gtest.h>

#include "lilotafs/golden.h"
#include "tools/lilotafs-img/diagnosis.h"
#include "tools/lilotafs-img/outside_log.h"
#include "torture/sweep.h"

namespace flashstore::lilotafs_img {
namespace {

using Bytes = std::vector<uint8_t>;

// On a chip that has bytes of its own, unlike the overlay that is foretold from.
norsim::Flash chip_of(const Bytes& image) {
  norsim::Contents contents(static_cast<uint32_t>(image.size()));
  contents.program(0, image);
  return norsim::Flash(std::move(contents));
}

// Returns how many operations a mount of it takes.
size_t expect_foretold(const Bytes& image) {
  const Diagnosis diagnosis = diagnose(norsim::Contents::over(image));
  EXPECT_EQ(diagnosis.error, lilotafs::Error::kOk);
  EXPECT_EQ(diagnosis.findings.empty(), diagnosis.operations.empty());

  norsim::Flash chip = chip_of(image);
  norsim::OperationLog log;
  chip.watch(&log);
  Bytes buffer(4096);
  lilotafs::Volume volume(chip, buffer);
  EXPECT_TRUE(volume.mount().ok());
  EXPECT_EQ(diagnosis.operations, log.entries());
  const Bytes after = chip.contents().bytes();
  EXPECT_EQ(diagnosis.after.bytes(), after);

  const Diagnosis again = diagnose(norsim::Contents::over(after));
  EXPECT_TRUE(again.operations.empty());
  EXPECT_TRUE(again.findings.empty());
  return log.entries().size();
}

// What power cuts leave must not be taken for a log that has lost files.
void expect_all_in_the_log(const Bytes& image) {
  const Diagnosis diagnosis = diagnose(norsim::Contents::over(image));
  const auto mounted = mount_partition("", image);
  ASSERT_TRUE(mounted.ok());
  const auto outside = files_outside_log(image, diagnosis.operations, mounted.value());
  EXPECT_FALSE(outside) << outside->first;
}

TEST(Fsck, ForetellsEveryOperationOnWhatTheOriginalLeft) {
  size_t images = 0;
  size_t operations = 0;
  for (const test::CrashImage& crash : test::crash_images()) {
    SCOPED_TRACE(crash.file);
    operations += expect_foretold(crash.bytes);
    expect_all_in_the_log(crash.bytes);
    ++images;
  }
  EXPECT_EQ(images, 71u);
  EXPECT_GT(operations, 100u);
}

TEST(Fsck, ForetellsEveryOperationAfterPowerCuts) {
  size_t images = 0;
  size_t repaired = 0;
  for (const torture::Workload& workload : torture::scripted_workloads()) {
    SCOPED_TRACE(workload.name);
    torture::SweepOptions options;
    options.plan.levels.front().one_in = 97;
    options.use_one_in = UINT32_MAX;
    options.witness = [&](const torture::CutMoment& moment) {
      SCOPED_TRACE(norsim::to_string(moment.path));
      ++images;
      repaired += expect_foretold(moment.after.bytes()) > 0 ? 1 : 0;
      expect_all_in_the_log(moment.after.bytes());
    };
    EXPECT_EQ(torture::sweep(workload, options).failed, 0u);
  }
  EXPECT_GT(images, 500u);
  EXPECT_GT(repaired, images / 4);
}

}  // namespace
}  // namespace flashstore::lilotafs_img
