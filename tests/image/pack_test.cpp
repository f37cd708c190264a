#include "image/pack.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>

#include "lilotafs/disk.h"
#include "lilotafs/golden.h"
#include "lilotafs/independent_parser.h"
#include "lilotafs/record.h"
#include "lilotafs/space.h"
#include "support/files.h"

namespace flashstore::image {
namespace {

using test::as_bytes;
using test::parse_lilotafs;
using testing::ElementsAre;
using testing::IsEmpty;

struct File {
  std::string path;
  std::string content;
};

std::vector<PackItem> items_of(const std::vector<File>& files) {
  std::vector<PackItem> items;
  for (const File& file : files) {
    items.push_back({file.path, file.content.size()});
  }
  return items;
}

// As the tool does it.
std::vector<uint8_t> packed(const std::vector<File>& files, uint32_t bytes, bool check_bytes) {
  const std::vector<PackItem> items = items_of(files);
  const PackLayout layout = lay_out(items);
  std::vector<uint8_t> partition(bytes);
  const Packer packer(partition, check_bytes);
  for (size_t i = 0; i < files.size(); ++i) {
    const auto content = as_bytes(files[i].content);
    std::copy(content.begin(), content.end(), packer.data(items[i], layout.places[i]).begin());
    packer.commit(items[i], layout.places[i]);
  }
  return partition;
}

std::vector<File> files_in(const std::vector<uint8_t>& image) {
  std::vector<File> files;
  for (const test::ParsedFile& file : parse_lilotafs(image).files) {
    files.push_back({file.path, test::as_text(file.bytes)});
  }
  return files;
}

void put_in_order(std::vector<File>& files) {
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return packs_before(a.path, b.path); });
}

TEST(Pack, MakesTheOriginalsImagesByteForByte) {
  for (const test::GoldenImage& golden : test::golden_images()) {
    SCOPED_TRACE(golden.file);
    std::vector<File> files = files_in(golden.bytes);
    std::shuffle(files.begin(), files.end(), std::mt19937(1));
    put_in_order(files);
    EXPECT_EQ(lay_out(items_of(files)).tail, golden.tail);
    EXPECT_LE(lay_out(items_of(files)).needed_by_original, golden.bytes.size());
    const auto image = packed(files, static_cast<uint32_t>(golden.bytes.size()), false);
    EXPECT_TRUE(image == golden.bytes);
  }
}

TEST(Pack, DiffersFromTheOriginalInCheckBytesAlone) {
  for (const test::GoldenImage& golden : test::golden_images()) {
    SCOPED_TRACE(golden.file);
    std::vector<File> files = files_in(golden.bytes);
    put_in_order(files);
    auto image = packed(files, static_cast<uint32_t>(golden.bytes.size()), true);
    size_t different = 0;
    for (const test::GoldenRecord& record : golden.records) {
      uint8_t& check = image[record.offset + 3];
      different += check != 0 ? 1 : 0;
      check = 0;
    }
    EXPECT_EQ(different, files.size());  // the head of a fresh partition has none
    EXPECT_TRUE(image == golden.bytes);
  }
}

TEST(Pack, NothingMakesAFreshPartition) {
  const auto image = packed({}, 3 * 4096, true);
  const test::ParsedImage parsed = parse_lilotafs(image);
  EXPECT_EQ(parsed.damage, "");
  EXPECT_EQ(parsed.tail, 16u);
  EXPECT_EQ(lay_out({}).needed, 3u * 4096);
}

TEST(Pack, PutsDirectoriesBeforeWhatIsInThemAndTheirNeighbours) {
  std::vector<std::string> paths{"a.txt", "a/b", "a", "B", "a/", "a/b/", "a-", "\xC3\xA4"};
  std::sort(paths.begin(), paths.end(), packs_before);
  EXPECT_THAT(paths, ElementsAre("B", "a", "a/", "a/b", "a/b/", "a-", "a.txt", "\xC3\xA4"));
}

TEST(Pack, FindsDirectoriesThatAreMissing) {
  const std::vector<PackItem> items{{"x/y/z/file", 1}, {"x/y/", 0}, {"x/other", 0}, {"top", 0}};
  EXPECT_THAT(missing_directories(items), ElementsAre("x/", "x/y/z/"));
}

std::vector<std::string> faults(std::vector<std::string> paths) {
  std::sort(paths.begin(), paths.end(), packs_before);
  std::vector<PackItem> items;
  for (const std::string& path : paths) {
    items.push_back({path, 0});
  }
  std::vector<std::string> texts;
  for (const PathProblem& problem : check_paths(items)) {
    const std::string other = problem.other == problem.item ? "" : " " + items[problem.other].path;
    texts.push_back(std::string(name(problem.fault)) + " " + items[problem.item].path + other);
  }
  return texts;
}

TEST(Pack, TakesNamesUpToTheirBounds) {
  const std::string longest(63, 'n');
  EXPECT_THAT(faults({longest, std::string(62, 'd') + "/", "a.b", "...", "a/b", "a/"}), IsEmpty());
}

TEST(Pack, NamesEveryFaultOfAPath) {
  const std::string n64(64, 'n');
  const std::string d63 = std::string(63, 'd') + "/";
  EXPECT_THAT(faults({n64}), ElementsAre("name-too-long " + n64));
  EXPECT_THAT(faults({d63}), ElementsAre("name-too-long " + d63));
  EXPECT_THAT(faults({""}), ElementsAre("name-empty "));
  EXPECT_THAT(faults({"/etc"}), ElementsAre("name-empty /etc"));
  EXPECT_THAT(faults({"a//b"}), ElementsAre("name-empty a//b"));
  EXPECT_THAT(faults({"/"}), ElementsAre("name-empty /"));
  EXPECT_THAT(faults({"a/../b"}), ElementsAre("name-dots a/../b"));
  EXPECT_THAT(faults({".."}), ElementsAre("name-dots .."));
  EXPECT_THAT(faults({"./a"}), ElementsAre("name-dots ./a"));
  EXPECT_THAT(faults({std::string("a\0b", 3)}), ElementsAre("name-nul " + std::string("a\0b", 3)));
  EXPECT_THAT(faults({"a", "a"}), ElementsAre("name-twice a a"));
  EXPECT_THAT(faults({"a", "a/"}), ElementsAre("name-file-and-directory a/ a"));
  EXPECT_THAT(faults({"Readme", "README"}), ElementsAre("name-case Readme README"));
  EXPECT_THAT(faults({"Lib/", "lib/", "Lib/a", "lib/A"}), ElementsAre("name-case lib/ Lib/"));
}

// The original's own condition for writing, from its place in the log on: the new record, the one
// it replaces, a wear marker and twice the largest, without wrapping around the head at 0.
TEST(Pack, AsksForTheRoomTheOriginalNeeds) {
  const std::vector<PackItem> items{{"f", 5000}};
  const uint64_t record = 8 + 2 + 5000 + 16;
  const uint64_t packing = 16 + record + (8 + 2 + 16) + 16 + 2 * record;
  EXPECT_GE(lay_out(items).needed_by_original, packing);
  EXPECT_LE(lay_out(items).needed_by_original, packing + 4096 + 64);

  // Whatever comes behind it, the largest one counts.
  const std::vector<PackItem> smaller_behind{{"f", 6000}, {"g", 4000}};
  EXPECT_GE(lay_out(smaller_behind).needed_by_original, 16 + 6026 + 4026 + 26 + 16 + 2 * 6026u);
}

// For a new version beside the old one: twice the largest and a wear marker as the original has it,
// and what is lost to two sectors and to the end of the ring.
TEST(Pack, AsksForTheRoomAVolumeNeeds) {
  const std::vector<PackItem> items{{"f", 5000}, {"g", 7000}};
  const uint64_t largest = 8 + 2 + 7000 + 16;
  const uint64_t live = 8 + 2 + 5000 + 16 + largest;
  const uint64_t volume = live + largest + (largest + 32 + 2 * largest) + 2 * 4096 + largest + 72;
  EXPECT_GE(lay_out(items).needed, volume);
  EXPECT_LT(lay_out(items).needed, volume + 4096);
  EXPECT_GT(lay_out(items).needed, lay_out(items).needed_by_original);
}

TEST(Pack, AsksForRoomForOneMoreName) {
  const uint32_t name = lilotafs::worst_size(std::string(lilotafs::kMaxNameBytes, 'x'), 0);
  std::vector<PackItem> items;
  for (uint32_t i = 0; i < 500; ++i) {
    items.push_back({std::to_string(1000 + i), 0});
    const uint32_t each = lilotafs::worst_size(items.front().path, 0);
    const auto needed = static_cast<uint32_t>(lay_out(items).needed);
    EXPECT_TRUE(lilotafs::always_fits(needed, {name, 0, (i + 1) * each, each})) << i;
  }
}

TEST(Pack, AsksForNoLessThanTheOriginalAndForMoreThanAChipHas) {
  const std::vector<PackItem> items{{"f", uint64_t{5} << 30}, {"g", uint64_t{5} << 30}};
  EXPECT_EQ(lay_out(items).needed, lay_out(items).needed_by_original);
  EXPECT_GT(lay_out(items).needed, uint64_t{20} << 30);
}

// Trees of many kinds, at the smallest size they are packed to.
class PackSmallest : public testing::TestWithParam<std::vector<File>> {
 protected:
  PackSmallest() : files_(GetParam()) {
    put_in_order(files_);
    smallest_ = static_cast<uint32_t>(lay_out(items_of(files_)).needed);
  }

  test::Files contents() const {
    test::Files contents;
    for (const File& file : files_) {
      contents[file.path] = file.content;
    }
    return contents;
  }

  std::vector<File> files_;
  uint32_t smallest_ = 0;
};

TEST_P(PackSmallest, TakesOneMoreFileOfTheLongestName) {
  for (const bool check_bytes : {false, true}) {
    test::Disk disk(packed(files_, smallest_, check_bytes));
    ASSERT_EQ(disk.mount(), "");
    EXPECT_EQ(disk.flash().counters().program_bytes, 0u);
    EXPECT_EQ(disk.write(std::string(63, 'x'), ""), "");
    test::Files expected = contents();
    expected[std::string(63, 'x')] = "";
    EXPECT_EQ(disk.files(), expected);
  }
}

TEST_P(PackSmallest, TakesANewContentOfEveryFileAgainAndAgain) {
  test::Disk disk(packed(files_, smallest_, true));
  ASSERT_EQ(disk.mount(), "");
  test::Files expected = contents();
  for (char round = 'a'; round < 'f'; ++round) {
    for (auto& [path, content] : expected) {
      if (!path.ends_with('/')) {
        content.assign(content.size(), round);
        ASSERT_EQ(disk.write(path, content), "") << path << ", round " << round;
      }
    }
  }
  EXPECT_EQ(disk.files(), expected);
}

std::vector<File> some_files(size_t count, size_t bytes) {
  std::vector<File> files;
  for (size_t i = 0; i < count; ++i) {
    files.push_back({"file" + std::to_string(i), std::string(bytes, '.')});
  }
  return files;
}

INSTANTIATE_TEST_SUITE_P(
    Trees, PackSmallest,
    testing::Values(std::vector<File>{}, std::vector<File>{{"init.lua", "print(1)"}},
                    std::vector<File>{{"large", std::string(30000, 'l')}},
                    std::vector<File>{{"a/", ""}, {"a/b", std::string(4087, 'b')}, {"c", ""}},
                    some_files(7, 3000), some_files(100, 10), some_files(1, 200000),
                    std::vector<File>{{"app.bin", "code"}, {"init.lua", "x"}}));

TEST(Pack, FindsNoRoomForExecutablesIn256KiB) {
  const std::vector<PackItem> items{{"app.bin", 1}};
  EXPECT_GT(lay_out(items).needed_by_original, 256u << 10);
  EXPECT_EQ(lay_out(items).places[0].data, 0x10000u);
  EXPECT_LE(lay_out(items).needed_by_original, 320u << 10);
  EXPECT_LE(lay_out(items).needed, 512u << 10);
}

}  // namespace
}  // namespace flashstore::image
