// What the file system asks of the flash, counted in calls, bytes and erases. On a device these are
// its speed and its life.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "norsim/power_cuts.h"
#include "torture/host_volume.h"
#include "torture/workload.h"

namespace flashstore::lilotafs {
namespace {

using norsim::Contents;
using norsim::Flash;
using torture::Bytes;
using torture::HostVolume;

constexpr uint32_t kBuffer = 256;
constexpr uint32_t kLarge = 4 << 20;
constexpr uint32_t kSmall = 256 << 10;

std::string file_name(uint32_t i) {
  return "file" + std::to_string(i);
}

Bytes some_bytes(uint32_t size, uint64_t seed) {
  return torture::make_bytes(torture::Style::kRandom, size, seed);
}

void write(HostVolume& volume, const std::string& path, uint32_t size, uint64_t seed) {
  const auto outcome = volume.write(path, some_bytes(size, seed));
  ASSERT_TRUE(outcome.done()) << path << ": " << (outcome.full ? "no room" : outcome.failure);
}

// A partition of `size` bytes with so many files of 100 bytes, never unmounted.
class Partition {
 public:
  Partition(uint32_t size, uint32_t files) : flash_(Contents(size)), volume_(flash_) {
    EXPECT_TRUE(volume_.mount().done());
    for (uint32_t i = 0; i < files; ++i) {
      write(volume_, file_name(i), 100, i);
    }
  }

  Flash& flash() { return flash_; }
  HostVolume& volume() { return volume_; }

 private:
  Flash flash_;
  HostVolume volume_;
};

struct Mounted {
  MountReport report;
  norsim::Counters traffic;
};

Mounted mount_again(const Flash& used) {
  Flash flash(used.contents());
  HostVolume volume(flash, kBuffer);
  const auto report = volume.volume().mount();
  EXPECT_TRUE(report.ok());
  return {report.ok() ? report.value() : MountReport{}, flash.counters()};
}

TEST(MountTraffic, OfAThousandFilesIsOneReadForEachRecord) {
  Partition partition(kLarge, 1000);
  const auto [report, traffic] = mount_again(partition.flash());
  EXPECT_EQ(report.head, 0u);
  EXPECT_EQ(report.committed, 1000u);
  EXPECT_LE(traffic.read_calls, report.records + 20u);
  EXPECT_EQ(traffic.program_calls, 0u);
  EXPECT_EQ(traffic.erases, 0u);
  RecordProperty("reads", static_cast<int>(traffic.read_calls));
}

// The log goes round until it begins at another address than 0.
TEST(MountTraffic, WithTheHeadElsewhereAddsASearchByTheBuffer) {
  Partition partition(kLarge, 1000);
  uint64_t programmed = 0;
  for (int lap = 1; lap <= 3; ++lap) {
    do {
      write(partition.volume(), file_name(programmed % 1000), 1000, programmed);
      ++programmed;
    } while (partition.flash().counters().program_bytes < uint64_t{kLarge} * lap + kLarge / 2);
    const auto [report, traffic] = mount_again(partition.flash());
    ASSERT_NE(report.head, 0u);
    const uint32_t searched = report.tail < report.head ? report.head - report.tail : report.head;
    EXPECT_LE(traffic.read_calls, report.records + 20u + searched / kBuffer + 1) << "lap " << lap;
    EXPECT_EQ(traffic.erases, 0u) << "lap " << lap;
  }
}

TEST(LookupTraffic, IsAtMostOneReadForEachRecord) {
  Partition partition(kLarge, 1000);
  Flash flash(partition.flash().contents());
  HostVolume volume(flash, kBuffer);
  const auto report = volume.volume().mount();
  ASSERT_TRUE(report.ok());
  for (const uint32_t i : {0, 1, 500, 999}) {
    flash.reset_counters();
    ASSERT_TRUE(volume.volume().stat(file_name(i)).ok());
    EXPECT_LE(flash.counters().read_calls, report.value().records) << i;
  }
  flash.reset_counters();
  EXPECT_FALSE(volume.volume().stat("nothing").ok());
  EXPECT_LE(flash.counters().read_calls, report.value().records);
}

TEST(LookupTraffic, WithAnIndexIsNone) {
  Partition partition(kLarge, 1000);
  Flash flash(partition.flash().contents());
  std::vector<uint8_t> buffer(kBuffer);
  std::vector<uint8_t> index(1000 * (10 + 8) + 100);
  Volume volume(flash, buffer, index);
  ASSERT_TRUE(volume.mount().ok());
  flash.reset_counters();
  for (uint32_t i = 0; i < 1000; ++i) {
    ASSERT_TRUE(volume.stat(file_name(i)).ok());
  }
  EXPECT_FALSE(volume.stat("nothing").ok());
  EXPECT_EQ(flash.counters().read_calls, 0u);
}

class RecoveryTraffic : public testing::TestWithParam<uint32_t> {};

TEST_P(RecoveryTraffic, ErasesAtMostTwoSectorsAfterACutInAWrite) {
  Partition partition(kLarge, GetParam());
  uint64_t most = 0;
  norsim::PowerCuts cuts({.levels = {{.choice = {.torn = 20}, .one_in = 40}}}, [&](Flash& flash) {
    HostVolume volume(flash, kBuffer);
    const bool mounted = volume.mount().done();
    most = std::max(most, flash.counters().erases);
    return std::string(mounted ? "" : "no mount");
  });
  partition.flash().watch(&cuts);
  write(partition.volume(), "new", 9000, 1);
  write(partition.volume(), file_name(0), 5000, 2);
  write(partition.volume(), file_name(1), 100, 3);
  partition.flash().watch(nullptr);
  EXPECT_EQ(cuts.failed(), 0u);
  EXPECT_GT(cuts.tallies()[0].tried, 100u);
  EXPECT_LE(most, 2u);
}

INSTANTIATE_TEST_SUITE_P(Files, RecoveryTraffic, testing::Values(10, 100, 1000));

struct Updates {
  uint32_t count;
  uint32_t other_bytes;  // of each of 40 files that stay as they are
  double bytes_each;     // programmed, at most
  uint64_t erases;       // at most
};

class UpdateTraffic : public testing::TestWithParam<Updates> {};

// One file of 100 bytes is written again and again.
TEST_P(UpdateTraffic, StaysLow) {
  const Updates& updates = GetParam();
  Flash flash{Contents(kSmall)};
  HostVolume volume(flash, kBuffer);
  ASSERT_TRUE(volume.mount().done());
  for (uint32_t i = 0; i < 40; ++i) {
    write(volume, file_name(i), updates.other_bytes, i);
  }
  write(volume, "hot", 100, 0);
  const uint64_t before = flash.counters().program_bytes;
  for (uint32_t i = 0; i < updates.count; ++i) {
    write(volume, "hot", 100, i);
    const auto [least, most] = std::ranges::minmax(flash.counters().sector_erases);
    ASSERT_LE(most - least, 1u) << "update " << i;
  }
  const double each = static_cast<double>(flash.counters().program_bytes - before) / updates.count;
  std::printf("%u updates beside files of %u bytes: %.1f bytes each, %llu erases\n", updates.count,
              updates.other_bytes, each, static_cast<unsigned long long>(flash.counters().erases));
  EXPECT_LE(each, updates.bytes_each);
  EXPECT_LE(flash.counters().erases, updates.erases);
  EXPECT_EQ(flash.counters().erases_of_blank, 0u);
}

// In the long runs the first lap, over a blank partition of 64 sectors, no longer counts.
INSTANTIATE_TEST_SUITE_P(Files, UpdateTraffic,
                         testing::Values(Updates{10000, 100, 124, 250},
                                         Updates{10000, 2000, 172, 390},
                                         Updates{100000, 100, 124, 10 * (250 + 64)},
                                         Updates{100000, 2000, 172, 10 * (390 + 64)}),
                         [](const auto& test) {
                           return std::to_string(test.param.count) + "_beside_" +
                                  std::to_string(test.param.other_bytes);
                         });

}  // namespace
}  // namespace flashstore::lilotafs
