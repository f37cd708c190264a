#include "image/salvage.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <random>

#include "image/pack.h"
#include "lilotafs/draft.h"
#include "lilotafs/golden.h"
#include "lilotafs/independent_parser.h"
#include "support/files.h"

namespace flashstore::image {
namespace {

using test::as_text;
using test::Draft;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using Trust = SalvagedRecord::Trust;

constexpr size_t kSectorBytes = 4096;
using Bytes = std::vector<uint8_t>;

std::map<std::string, std::string> salvaged(std::span<const uint8_t> dump,
                                            std::optional<uint64_t> partition = std::nullopt) {
  std::map<std::string, std::string> files;
  for (const SalvagedRecord& record : latest(find_records(dump, partition))) {
    files[record.path] = as_text(record.bytes);
  }
  return files;
}

// Where a file is in a partition: all that must be as it was for the file to be.
struct Place {
  std::string path;
  std::string content;
  uint32_t begin = 0;
  uint32_t name_end = 0;
  uint32_t data = 0;
  uint32_t end = 0;

  bool intact(const std::vector<bool>& broken_sectors) const {
    const auto is_whole = [&](uint32_t from, uint32_t to) {
      for (uint32_t sector = from / kSectorBytes; sector * kSectorBytes < to; ++sector) {
        if (broken_sectors[sector]) {
          return false;
        }
      }
      return true;
    };
    return is_whole(begin, name_end) && is_whole(data, end);
  }
};

std::vector<Place> places_in(const Bytes& image) {
  std::vector<Place> places;
  for (const test::ParsedFile& file : test::parse_lilotafs(image).files) {
    const auto size = static_cast<uint32_t>(file.bytes.size());
    places.push_back({file.path, as_text(file.bytes), file.offset,
                      file.offset + 8 + static_cast<uint32_t>(file.path.size()) + 1,
                      file.data_offset, file.data_offset + size});
  }
  return places;
}

Bytes with_check_bytes(const Bytes& image) {
  std::vector<PackItem> items;
  const std::vector<Place> places = places_in(image);
  for (const Place& place : places) {
    items.push_back({place.path, place.content.size()});
  }
  const PackLayout layout = lay_out(items);
  Bytes partition(image.size());
  const Packer packer(partition, true);
  for (size_t i = 0; i < items.size(); ++i) {
    std::copy(places[i].content.begin(), places[i].content.end(),
              packer.data(items[i], layout.places[i]).begin());
    packer.commit(items[i], layout.places[i]);
  }
  return partition;
}

Bytes random_bytes(size_t count, std::mt19937& random) {
  Bytes bytes(count);
  std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<uint8_t>(random()); });
  return bytes;
}

TEST(Salvage, FindsAllOfAWholePartition) {
  for (const test::GoldenImage& golden : test::golden_images()) {
    SCOPED_TRACE(golden.file);
    std::map<std::string, std::string> wanted;
    for (const Place& place : places_in(golden.bytes)) {
      wanted[place.path] = place.content;
    }
    EXPECT_EQ(salvaged(golden.bytes), wanted);
  }
}

// Each file whose bytes are whole comes back, whichever sectors are gone.
TEST(Salvage, FindsEveryWholeFileAmongSectorsOfNoise) {
  size_t whole = 0;
  size_t found = 0;
  std::mt19937 random(20261121);
  for (const test::GoldenImage& golden : test::golden_images()) {
    for (const Bytes& image : {golden.bytes, with_check_bytes(golden.bytes)}) {
      const std::vector<Place> places = places_in(image);
      const size_t used = (golden.tail + kSectorBytes - 1) / kSectorBytes;
      for (int trial = 0; trial < 40; ++trial) {
        std::vector<bool> broken(image.size() / kSectorBytes);
        Bytes damaged = image;
        for (size_t count = 1 + random() % used; count > 0; --count) {
          const size_t sector = random() % used;
          broken[sector] = true;
          const Bytes noise = random_bytes(kSectorBytes, random);
          std::copy(noise.begin(), noise.end(),
                    damaged.begin() + static_cast<ptrdiff_t>(sector * kSectorBytes));
        }
        const auto files = salvaged(damaged, 0);
        for (const Place& place : places) {
          if (place.intact(broken)) {
            ++whole;
            const auto file = files.find(place.path);
            found += file != files.end() && file->second == place.content ? 1 : 0;
          }
        }
      }
    }
  }
  RecordProperty("whole", static_cast<int>(whole));
  RecordProperty("found", static_cast<int>(found));
  EXPECT_GT(whole, 2000u);
  EXPECT_EQ(found, whole);
}

TEST(Salvage, NeedsNoHeadAndNoBeginning) {
  const test::GoldenImage golden = test::golden_images()[0];
  const std::vector<Place> places = places_in(golden.bytes);
  const Bytes rest(golden.bytes.begin() + places[3].begin, golden.bytes.end());
  const auto files = salvaged(rest);
  for (size_t i = 3; i < places.size(); ++i) {
    EXPECT_THAT(files, testing::Contains(Pair(places[i].path, places[i].content)));
  }
}

TEST(Salvage, MindsNoBytesInFrontAndBehind) {
  std::mt19937 random(1);
  for (const test::GoldenImage& golden : test::golden_images()) {
    SCOPED_TRACE(golden.file);
    for (const size_t leading : {1u, 7u, 4096u, 70001u}) {
      Bytes dump = random_bytes(leading, random);
      dump.insert(dump.end(), golden.bytes.begin(), golden.bytes.end());
      const Bytes behind = random_bytes(5000, random);
      dump.insert(dump.end(), behind.begin(), behind.end());
      EXPECT_EQ(salvaged(dump), salvaged(golden.bytes)) << leading;
      EXPECT_EQ(salvaged(dump, leading), salvaged(golden.bytes)) << leading;
    }
  }
}

TEST(Salvage, TakesTheNewestWholeVersion) {
  Draft draft;
  draft.dummy_head().file("a", "first").file("a", "second");
  EXPECT_THAT(salvaged(draft.image()), ElementsAre(Pair("a", "second")));
}

TEST(Salvage, TakesALinkedVersionBeforeALoneOneBehindIt) {
  Draft draft;
  draft.dummy_head().file("a", "linked");
  Draft lone;
  lone.file("a", "lone");
  Bytes image = draft.image();
  std::fill_n(image.begin() + 2048, 256, 0x33);
  std::copy_n(lone.image().begin(), 16, image.begin() + 2048 + 64);
  ASSERT_EQ(find_records(image).back().trust, Trust::kNone);
  EXPECT_THAT(salvaged(image), ElementsAre(Pair("a", "linked")));
}

TEST(Salvage, TakesTheVersionFurtherBehindTheHead) {
  Draft draft;
  draft.dummy_head().file("a", "came around the end").file("b", "").file("a", "older");
  const std::vector<SalvagedRecord> found = find_records(draft.image());
  const auto of_a = [&](uint64_t head) { return as_text(latest(found, head).front().bytes); };
  EXPECT_EQ(of_a(0), "older");
  EXPECT_EQ(of_a(found[1].offset), "came around the end");
}

TEST(Salvage, TakesAnOldVersionIfItIsAlone) {
  Draft alone;
  alone.dummy_head().record(Draft::kRecord, 0xF8, "a", "old");
  EXPECT_THAT(salvaged(alone.image()), ElementsAre(Pair("a", "old")));
  Draft both;
  both.dummy_head().file("a", "new").record(Draft::kRecord, 0xF8, "a", "old");
  EXPECT_THAT(salvaged(both.image()), ElementsAre(Pair("a", "new")));
}

TEST(Salvage, LeavesOutWhatIsDeadOrNotFinished) {
  Draft draft;
  draft.dummy_head()
      .record(Draft::kRecord, 0x00, "removed", "x")
      .record(Draft::kRecord, 0x7C, "dying", "x")
      .file("directory/", "of bytes")
      .wear_marker()
      .file("there", "y")
      .open_file("open", "z");
  EXPECT_THAT(salvaged(draft.image()), ElementsAre(Pair("there", "y")));
}

TEST(Salvage, LeavesRecordsInDataWhereTheyAre) {
  Draft inner;
  inner.file("ghost", "boo").file("ghost2", "boo");
  Draft outer;
  outer.dummy_head()
      .file("image", std::string(inner.image().begin(), inner.image().begin() + 64))
      .file("last", "end");
  const auto files = salvaged(outer.image());
  EXPECT_EQ(files.size(), 2u);
  EXPECT_FALSE(files.contains("ghost"));
}

TEST(Salvage, LeavesRecordsInDataThatAreCheckedWithoutAHead) {
  Draft inner;
  inner.file("ghost", "boo");
  const std::vector<PackItem> items{{"image", 64}};
  const PackLayout layout = lay_out(items);
  Bytes image(12 << 10);
  const Packer packer(image, true);
  std::copy_n(inner.image().begin(), 64, packer.data(items[0], layout.places[0]).begin());
  packer.commit(items[0], layout.places[0]);
  std::fill_n(image.begin(), 16, 0x33);
  EXPECT_THAT(salvaged(image), ElementsAre(Pair("image", testing::_)));
}

TEST(Salvage, TrustsARecordThatAnotherLeadsTo) {
  Draft draft;
  draft.dummy_head().file("a", "x").file("b", "x");
  Bytes image = draft.image();
  const uint64_t last = find_records(image).back().offset;
  std::fill_n(image.begin() + static_cast<ptrdiff_t>(last) + 16, 32, 0x33);
  EXPECT_EQ(find_records(image).back().path, "b");
  EXPECT_EQ(find_records(image).back().trust, Trust::kLinked);
}

TEST(Salvage, TakesNoRecordsWhereAPartitionHasNone) {
  Draft inner;
  inner.file("ghost", "boo");
  Draft outer;
  outer.dummy_head()
      .file("lost", "x" + std::string(inner.image().begin(), inner.image().begin() + 64))
      .file("there", "content")
      .file("last", "end");
  Bytes image = outer.image();
  std::fill_n(image.begin() + 16, 16, 0x33);  // the header of the first file
  EXPECT_THAT(salvaged(image), ElementsAre(Pair("last", "end"), Pair("there", "content")));
}

TEST(Salvage, LosesNoFileToRecordsInDataOfALostOne) {
  Draft inner;
  inner.file("ghost", "boo").file("liar", std::string(600, 'x'));
  Draft outer;
  outer.dummy_head()
      .file("lost", std::string(inner.image().begin(), inner.image().begin() + 64))
      .file("there", "content")
      .file("last", "end");
  Bytes image = outer.image();
  std::fill_n(image.begin() + 16, 16, 0x33);  // the header of the first file
  const auto files = salvaged(image);
  EXPECT_THAT(files, testing::Contains(Pair("there", "content")));
  EXPECT_THAT(files, testing::Contains(Pair("last", "end")));
}

TEST(Salvage, TakesNoGapForTheDataOfAnExecutable) {
  const std::vector<PackItem> items{{"a.bin", 5}, {"b.bin", 50}};
  const PackLayout layout = lay_out(items);
  Bytes image(256 << 10);
  const Packer packer(image, false);
  for (size_t i = 0; i < items.size(); ++i) {
    std::ranges::fill(packer.data(items[i], layout.places[i]), 0x11);
    packer.commit(items[i], layout.places[i]);
    std::fill_n(image.begin() + static_cast<ptrdiff_t>(layout.places[i].data) - 8192, 4096, 0x33);
  }
  const auto wanted =
      ElementsAre(Pair("a.bin", std::string(5, 0x11)), Pair("b.bin", std::string(50, 0x11)));
  Bytes chip(4096 + image.size(), 0x33);
  std::ranges::copy(image, chip.begin() + 4096);
  EXPECT_THAT(salvaged(chip), wanted);  // the head tells where the partition begins
  std::fill_n(image.begin(), 16, 0x33);
  EXPECT_THAT(salvaged(image), wanted);
}

TEST(Salvage, TellsWhetherAFileIsAsItWasWritten) {
  const test::GoldenImage golden = test::golden_images()[0];
  Bytes image = with_check_bytes(golden.bytes);
  const std::vector<Place> places = places_in(image);
  const auto largest = std::max_element(
      places.begin(), places.end(),
      [](const Place& a, const Place& b) { return a.content.size() < b.content.size(); });
  image[largest->data + 10] ^= 0x10;
  for (const SalvagedRecord& record : find_records(image)) {
    EXPECT_EQ(record.trust, record.path == largest->path ? Trust::kDamaged : Trust::kChecked)
        << record.path;
  }
  for (const SalvagedRecord& record : find_records(golden.bytes)) {
    EXPECT_EQ(record.trust, Trust::kLinked) << record.path;
  }
}

TEST(Salvage, FindsNothingInNoiseOrNothing) {
  std::mt19937 random(3);
  EXPECT_THAT(salvaged({}), IsEmpty());
  EXPECT_THAT(salvaged(Bytes(100, 0xFF)), IsEmpty());
  EXPECT_THAT(salvaged(Bytes(100000, 0x5A)), IsEmpty());
  EXPECT_THAT(salvaged(random_bytes(1 << 20, random)), IsEmpty());
}

}  // namespace
}  // namespace flashstore::image
