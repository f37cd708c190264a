// The file system through its own interface: boundaries, readers beside a writer, directories.
#include "lilotafs/volume.h"

#include <gmock/gmock.h>

#include <climits>
#include <random>

#include "lilotafs/disk.h"
#include "lilotafs/draft.h"
#include "lilotafs/independent_parser.h"
#include "support/files.h"

namespace flashstore::lilotafs {

void PrintTo(Error error, std::ostream* stream) {
  *stream << describe(error);
}

}  // namespace flashstore::lilotafs

namespace flashstore::test {
namespace {

using lilotafs::Directory;
using lilotafs::DirectoryEntry;
using lilotafs::Error;
using lilotafs::Reader;
using lilotafs::Volume;
using lilotafs::Whence;
using testing::ElementsAre;
using testing::UnorderedElementsAre;
using Access = lilotafs::Volume::Access;

template <class T>
Error error_of(const core::Result<T, Error>& result) {
  return result.ok() ? Error::kOk : result.error();
}

class VolumeTest : public testing::Test {
 protected:
  explicit VolumeTest(uint32_t sectors = 16) : disk_(sectors) { EXPECT_EQ(disk_.mount(), ""); }

  Volume& volume() { return disk_.volume(); }
  int open(const std::string& path, Access access = Access::kRead) {
    const auto descriptor = volume().open(path, access);
    EXPECT_TRUE(descriptor.ok()) << path << ": " << describe(descriptor.error());
    return descriptor.ok() ? descriptor.value() : -1;
  }
  std::string rest_of(int descriptor) {
    std::string content;
    std::array<uint8_t, 100> piece;
    for (;;) {
      const auto length = volume().read(descriptor, piece);
      if (!length.ok() || length.value() == 0) {
        return length.ok() ? content : "error";
      }
      content += as_text({piece.data(), length.value()});
    }
  }
  Error write(int descriptor, const std::string& bytes) {
    return volume().write(descriptor, as_bytes(bytes));
  }
  std::vector<std::string> list(const std::string& path) {
    std::vector<std::string> names;
    Directory directory;
    EXPECT_EQ(volume().opendir(path, directory), Error::kOk) << path;
    DirectoryEntry entry;
    for (auto more = volume().readdir(directory, entry); more.ok() && more.value();
         more = volume().readdir(directory, entry)) {
      names.emplace_back(entry.name);
    }
    EXPECT_EQ(volume().closedir(directory), Error::kOk);
    return names;
  }

  Disk disk_;
};

// --- sizes, names, places ---

TEST_F(VolumeTest, FilesOfAwkwardSizesAreReadBack) {
  Files files;
  for (const size_t size : {0, 1, 7, 8, 9, 255, 256, 257, 2048, 4095, 4096, 4097}) {
    const std::string path = "s" + std::to_string(size);
    files[path] = text_of(size, static_cast<char>(size));
    ASSERT_EQ(disk_.write(path, files[path], 1 + size / 3), "");
  }
  EXPECT_EQ(disk_.files(), files);
  EXPECT_EQ(parsed_files(disk_.image()), files);
  ASSERT_EQ(disk_.remount(), "");
  EXPECT_EQ(disk_.files(), files);
}

TEST_F(VolumeTest, FilesThatAreAllFFOrAllZeroAreReadBack) {
  Files files;
  for (const char byte : {'\xFF', '\0'}) {
    for (const size_t size : {1, 8, 100, 5000}) {
      const std::string path = std::to_string(static_cast<uint8_t>(byte)) + std::to_string(size);
      files[path] = std::string(size, byte);
      ASSERT_EQ(disk_.write(path, files[path]), "");
      ASSERT_EQ(disk_.remount(), "");
    }
  }
  EXPECT_EQ(disk_.files(), files);
  EXPECT_EQ(parsed_files(disk_.image()), files);
}

TEST_F(VolumeTest, NamesHave63BytesAtMost) {
  for (const size_t bytes : {1u, 7u, 8u, 62u, 63u}) {
    EXPECT_EQ(disk_.write(std::string(bytes, 'n'), "1"), "");
  }
  for (const auto access : {Access::kRead, Access::kWrite, Access::kCreate}) {
    EXPECT_EQ(error_of(volume().open(std::string(64, 'n'), access)), Error::kInvalidName);
    EXPECT_EQ(error_of(volume().open(std::string(1000, 'n'), access)), Error::kInvalidName);
    EXPECT_EQ(error_of(volume().open("", access)), Error::kInvalidName);
  }
  EXPECT_EQ(error_of(volume().open(std::string_view("a\0b", 3), Access::kCreate)),
            Error::kInvalidName);
  EXPECT_EQ(volume().mkdir(std::string(63, 'd')), Error::kInvalidName);
  EXPECT_EQ(volume().mkdir(std::string(63, 'd') + "/"), Error::kInvalidName);
  EXPECT_EQ(volume().mkdir(std::string(62, 'd') + "/"), Error::kOk);
  EXPECT_EQ(volume().mkdir(""), Error::kInvalidName);
  EXPECT_EQ(volume().mkdir("/"), Error::kInvalidName);
}

// From the end of the partition down, so that each distance is met.
TEST(VolumePlaces, ARecordMayEndAnywhereNearTheEnd) {
  for (uint32_t left = 0; left <= 96; left += 8) {
    SCOPED_TRACE(left);
    Draft draft(8);
    draft.go(0x4000).record(Draft::kHead, 0x00, "x", "").file("a", "1");
    draft.record(Draft::kRecord, 0x00, "gone", text_of(0x8000 - 24 - left - 16 - draft.at()));
    Disk disk(draft.image());
    ASSERT_EQ(disk.mount(), "");
    Files files{{"a", "1"}};
    for (const size_t size : {size_t{8}, size_t{0}, size_t{30}}) {
      files["f" + std::to_string(size)] = text_of(size);
      ASSERT_EQ(disk.write("f" + std::to_string(size), text_of(size)), "");
      EXPECT_EQ(disk.files(), files);
      EXPECT_EQ(parsed_files(disk.image()), files);
      ASSERT_EQ(disk.remount(), "");
      EXPECT_EQ(disk.files(), files);
    }
  }
}

TEST(VolumePlaces, DataThatReachTheEndWhileWrittenMoveToTheFront) {
  for (const size_t piece : {1u, 7u, 100u, 3000u}) {
    for (uint32_t left = 16; left <= 200; left += 8) {
      Draft draft(8);
      draft.go(0x5000).record(Draft::kHead, 0x00, "x", "").file("a", "1");
      draft.record(Draft::kRecord, 0x00, "gone", text_of(0x8000 - left - 16 - draft.at()));
      Disk disk(draft.image());
      ASSERT_EQ(disk.mount(), "");
      ASSERT_EQ(disk.write("n", text_of(150), piece), "") << left << " left, pieces of " << piece;
      const Files files{{"a", "1"}, {"n", text_of(150)}};
      ASSERT_EQ(disk.files(), files);
      ASSERT_EQ(parsed_files(disk.image()), files) << left << " left, pieces of " << piece;
    }
  }
}

TEST(VolumeBin, IsImpossibleIn256KiBAndSaysSo) {
  Disk disk(64);
  ASSERT_EQ(disk.mount(), "");
  const Image before = disk.image();
  EXPECT_EQ(error_of(disk.volume().open("a.bin", Access::kCreate)), Error::kNoBinary);
  EXPECT_EQ(disk.image(), before);
  EXPECT_EQ(disk.write("a.binary", "1"), "");
}

TEST(VolumeBin, IsUpdatedForEverIn512KiBAnd1MiB) {
  for (const uint32_t sectors : {128u, 256u}) {
    Disk disk(sectors);
    ASSERT_EQ(disk.mount(), "");
    ASSERT_EQ(disk.write("other", text_of(500)), "");
    for (int i = 0; i < 60; ++i) {
      const std::string content = text_of(20000, static_cast<char>(i));
      ASSERT_EQ(disk.write("app.bin", content, 4096), "") << sectors << " sectors, update " << i;
      ASSERT_EQ(disk.read("app.bin"), content);
      const auto info = disk.volume().stat("app.bin");
      ASSERT_TRUE(info.ok());
      EXPECT_EQ(info.value().data % 0x10000, 0u);
      if (i % 7 == 0) {
        ASSERT_EQ(disk.remount(), "");
      }
    }
    EXPECT_EQ(disk.read("other"), text_of(500));
  }
}

// --- reading ---

TEST_F(VolumeTest, ReadsAreClampedToTheFile) {
  ASSERT_EQ(disk_.write("a", "hello"), "");
  ASSERT_EQ(disk_.write("b", "world"), "");
  const int a = open("a");
  std::array<uint8_t, 100> into;
  EXPECT_EQ(volume().read(a, into).value(), 5u);
  EXPECT_EQ(volume().read(a, into).value(), 0u);
  EXPECT_EQ(volume().seek(a, 5, Whence::kSet).value(), 5u);
  EXPECT_EQ(volume().read(a, into).value(), 0u);
}

TEST_F(VolumeTest, SeeksStayInTheFile) {
  ASSERT_EQ(disk_.write("a", "hello"), "");
  const int a = open("a");
  EXPECT_EQ(volume().seek(a, -2, Whence::kEnd).value(), 3u);
  EXPECT_EQ(volume().seek(a, -1, Whence::kCurrent).value(), 2u);
  EXPECT_EQ(rest_of(a), "llo");
  for (const auto& [offset, whence] :
       std::initializer_list<std::pair<int32_t, Whence>>{{-1, Whence::kSet},
                                                         {6, Whence::kSet},
                                                         {1, Whence::kEnd},
                                                         {-6, Whence::kEnd},
                                                         {INT32_MAX, Whence::kCurrent},
                                                         {INT32_MIN, Whence::kCurrent}}) {
    EXPECT_EQ(error_of(volume().seek(a, offset, whence)), Error::kInvalidSeek) << offset;
  }
  EXPECT_EQ(volume().seek(a, 0, Whence::kCurrent).value(), 5u);
}

TEST_F(VolumeTest, ReadersKeepTheContentTheyOpened) {
  ASSERT_EQ(disk_.write("a", text_of(3000, 1)), "");
  const int first = open("a");
  ASSERT_EQ(disk_.write("a", text_of(3000, 2)), "");
  const int second = open("a");
  ASSERT_EQ(disk_.remove("a"), "");
  ASSERT_EQ(disk_.write("a", text_of(10, 3)), "");
  int written = 0;
  for (int i = 0; i < 2000; ++i) {  // laps of the log, unless the open files are in the way
    written += disk_.write("u", text_of(100, static_cast<char>(i))) == "" ? 1 : 0;
  }
  EXPECT_EQ(rest_of(first), text_of(3000, 1));
  EXPECT_EQ(rest_of(second), text_of(3000, 2));
  EXPECT_EQ(disk_.read("a"), text_of(10, 3));
  EXPECT_GT(written, 100);
  EXPECT_EQ(volume().close(first), Error::kOk);
  EXPECT_EQ(volume().close(second), Error::kOk);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(disk_.write("u", text_of(100, static_cast<char>(i))), "");
  }
}

TEST_F(VolumeTest, AReaderOfAFileThatMovesReadsOn) {
  ASSERT_EQ(disk_.write("kept", text_of(2000, 1)), "");
  for (int round = 0; round < 20; ++round) {
    const int kept = open("kept");
    std::array<uint8_t, 1000> half;
    ASSERT_EQ(volume().read(kept, half).value(), 1000u);
    for (int i = 0; i < 100; ++i) {
      disk_.write("u", text_of(300, static_cast<char>(i)));
    }
    EXPECT_EQ(as_text(half) + rest_of(kept), text_of(2000, 1)) << round;
    EXPECT_EQ(volume().close(kept), Error::kOk);
    ASSERT_EQ(disk_.write("u", text_of(300)), "") << round;
  }
}

TEST_F(VolumeTest, WhatIsMappedStaysInPlace) {
  ASSERT_EQ(disk_.write("code", text_of(2000, 1)), "");
  const int code = open("code");
  const auto extent = volume().map(code);
  ASSERT_TRUE(extent.ok());
  EXPECT_EQ(extent.value().length, 2000u);
  for (int i = 0; i < 1000; ++i) {
    disk_.write("u", text_of(100, static_cast<char>(i)));
    if (i == 500) {
      disk_.write("code", "new");  // may be refused: the log cannot get past what is mapped
    }
    const Image image = disk_.image();
    ASSERT_EQ(as_text({image.data() + extent.value().offset, 2000}), text_of(2000, 1)) << i;
  }
  EXPECT_EQ(volume().close(code), Error::kOk);
  EXPECT_EQ(disk_.write("u", "1"), "");
}

using DivergenceD21 = VolumeTest;

TEST_F(DivergenceD21, TheOldContentIsReadWhileTheNewIsWritten) {
  ASSERT_EQ(disk_.write("a", "old"), "");
  const int writer = open("a", Access::kWrite);
  EXPECT_EQ(write(writer, "new"), Error::kOk);
  EXPECT_EQ(disk_.read("a"), "old");
  EXPECT_THAT(list(""), ElementsAre("a"));
  EXPECT_EQ(volume().stat("a").value().length, 3u);
  EXPECT_EQ(volume().close(writer), Error::kOk);
  EXPECT_EQ(disk_.read("a"), "new");
}

TEST_F(VolumeTest, ANewFileIsSeenOnceItIsClosed) {
  const int writer = open("a", Access::kCreate);
  EXPECT_EQ(write(writer, "new"), Error::kOk);
  EXPECT_EQ(disk_.read("a"), std::nullopt);
  EXPECT_THAT(list(""), ElementsAre());
  EXPECT_EQ(volume().close(writer), Error::kOk);
  EXPECT_EQ(disk_.read("a"), "new");
}

TEST_F(VolumeTest, AnUnmountGivesUpWhatIsBeingWritten) {
  ASSERT_EQ(disk_.write("a", "old"), "");
  const int writer = open("a", Access::kWrite);
  EXPECT_EQ(write(writer, "new"), Error::kOk);
  ASSERT_EQ(disk_.remount(), "");
  EXPECT_EQ(disk_.files(), (Files{{"a", "old"}}));
  EXPECT_EQ(parsed_files(disk_.image()), (Files{{"a", "old"}}));
}

TEST_F(VolumeTest, AnAbandonedFileKeepsItsOldContent) {
  ASSERT_EQ(disk_.write("a", "old"), "");
  const int reader = open("a");
  const int writer = open("a", Access::kWrite);
  EXPECT_EQ(write(writer, "new"), Error::kOk);
  volume().abandon(reader);  // of a reader it is just closed
  EXPECT_EQ(write(writer, " and more"), Error::kOk);
  volume().abandon(writer);
  EXPECT_EQ(disk_.files(), (Files{{"a", "old"}}));
  EXPECT_EQ(disk_.write("b", "another"), "");
  EXPECT_EQ(parsed_files(disk_.image()), (Files{{"a", "old"}, {"b", "another"}}));
}

// --- errors ---

TEST_F(VolumeTest, OnlyOneFileIsWrittenAtATime) {
  ASSERT_EQ(disk_.write("a", "1"), "");
  const int writer = open("b", Access::kCreate);
  EXPECT_EQ(error_of(volume().open("a", Access::kWrite)), Error::kWriterOpen);
  EXPECT_EQ(error_of(volume().open("b", Access::kCreate)), Error::kWriterOpen);
  EXPECT_EQ(volume().mkdir("d"), Error::kWriterOpen);
  EXPECT_EQ(volume().remove("a"), Error::kWriterOpen);
  EXPECT_EQ(volume().close(writer), Error::kOk);
}

TEST_F(VolumeTest, DescriptorsServeWhatTheyWereOpenedFor) {
  ASSERT_EQ(disk_.write("a", "1"), "");
  const int reader = open("a");
  const int writer = open("b", Access::kCreate);
  std::array<uint8_t, 1> byte;
  EXPECT_EQ(write(reader, "2"), Error::kNotWritable);
  EXPECT_EQ(error_of(volume().read(writer, byte)), Error::kNotReadable);
  EXPECT_EQ(error_of(volume().seek(writer, 0, Whence::kSet)), Error::kNotReadable);
  EXPECT_EQ(error_of(volume().map(writer)), Error::kNotReadable);
  ASSERT_EQ(volume().close(reader), Error::kOk);
  for (const int bad : {reader, -1, INT_MIN, INT_MAX, Reader::kMaxOpen}) {
    EXPECT_EQ(error_of(volume().read(bad, byte)), Error::kBadDescriptor);
    EXPECT_EQ(error_of(volume().seek(bad, 0, Whence::kSet)), Error::kBadDescriptor);
    EXPECT_EQ(error_of(volume().map(bad)), Error::kBadDescriptor);
    EXPECT_EQ(write(bad, "x"), Error::kBadDescriptor);
    EXPECT_EQ(volume().close(bad), Error::kBadDescriptor);
  }
}

TEST_F(VolumeTest, MissingFilesAndDirectoriesAreTold) {
  ASSERT_EQ(disk_.write("a", "1"), "");
  Directory directory;
  EXPECT_EQ(error_of(volume().open("b", Access::kRead)), Error::kNotFound);
  EXPECT_EQ(error_of(volume().open("b", Access::kWrite)), Error::kNotFound);
  EXPECT_EQ(error_of(volume().open("d/b", Access::kCreate)), Error::kNoDirectory);
  EXPECT_EQ(error_of(volume().open("a/b", Access::kCreate)), Error::kNoDirectory);
  EXPECT_EQ(error_of(volume().stat("b")), Error::kNotFound);
  EXPECT_EQ(volume().mkdir("d/e"), Error::kNoDirectory);
  EXPECT_EQ(volume().opendir("d", directory), Error::kNotFound);
  EXPECT_EQ(volume().remove("b"), Error::kNotFound);
}

TEST_F(VolumeTest, FilesAndDirectoriesAreNotTakenForEachOther) {
  ASSERT_EQ(disk_.make_directory("d"), "");
  ASSERT_EQ(disk_.write("f", "1"), "");
  Directory directory;
  EXPECT_EQ(error_of(volume().open("d", Access::kRead)), Error::kIsDirectory);
  EXPECT_EQ(error_of(volume().open("d", Access::kCreate)), Error::kIsDirectory);
  EXPECT_EQ(volume().mkdir("d"), Error::kExists);
  EXPECT_EQ(volume().mkdir("f"), Error::kExists);
  EXPECT_NE(volume().opendir("f", directory), Error::kOk);
  EXPECT_TRUE(volume().stat("d").value().directory);
  EXPECT_TRUE(volume().stat("/d/").value().directory);
  EXPECT_FALSE(volume().stat("/f").value().directory);
  EXPECT_NE(error_of(volume().stat("f/")), Error::kOk);
}

TEST_F(VolumeTest, OnlyEmptyDirectoriesAreRemoved) {
  ASSERT_EQ(disk_.make_directory("d"), "");
  ASSERT_EQ(disk_.make_directory("d/e"), "");
  ASSERT_EQ(disk_.write("d/f", "1"), "");
  EXPECT_EQ(volume().remove("d"), Error::kNotEmpty);
  EXPECT_EQ(volume().remove("d/f"), Error::kOk);
  EXPECT_EQ(volume().remove("d/"), Error::kNotEmpty);
  EXPECT_EQ(volume().remove("d/e/"), Error::kOk);
  EXPECT_EQ(volume().remove("d"), Error::kOk);
  ASSERT_EQ(disk_.remount(), "");
  EXPECT_EQ(disk_.files(), Files{});
}

TEST_F(VolumeTest, BeforeAMountAndAfterAnUnmountNothingWorks) {
  ASSERT_EQ(disk_.write("a", "1"), "");
  EXPECT_EQ(volume().unmount(), Error::kOk);
  Directory directory;
  EXPECT_EQ(error_of(volume().open("a", Access::kRead)), Error::kNotMounted);
  EXPECT_EQ(error_of(volume().stat("a")), Error::kNotMounted);
  EXPECT_EQ(volume().mkdir("d"), Error::kNotMounted);
  EXPECT_EQ(volume().opendir("", directory), Error::kNotMounted);
  EXPECT_EQ(error_of(volume().space()), Error::kNotMounted);
}

// --- directories ---

TEST_F(VolumeTest, DirectoriesListTheirOwnChildrenOnce) {
  for (const char* path : {"d", "d/e", "d/e/g", "dd"}) {
    ASSERT_EQ(disk_.make_directory(path), "");
  }
  for (const char* path : {"a", "d/b", "d/e/c", "d/e/g/h", "dd/x", "d.x"}) {
    ASSERT_EQ(disk_.write(path, "1"), "");
    ASSERT_EQ(disk_.write(path, "2"), "");
  }
  EXPECT_THAT(list(""), UnorderedElementsAre("a", "d/", "dd/", "d.x"));
  EXPECT_THAT(list("/"), UnorderedElementsAre("a", "d/", "dd/", "d.x"));
  EXPECT_THAT(list("d"), UnorderedElementsAre("b", "e/"));
  EXPECT_THAT(list("/d/e/"), UnorderedElementsAre("c", "g/"));
  EXPECT_THAT(list("d/e/g"), UnorderedElementsAre("h"));
}

TEST_F(VolumeTest, AListingIsNotUpsetByUpdatesAndMoves) {
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(disk_.write("f" + std::to_string(i), text_of(200)), "");
  }
  Directory directory;
  ASSERT_EQ(volume().opendir("", directory), Error::kOk);
  DirectoryEntry entry;
  std::map<std::string, int> seen;
  for (auto more = volume().readdir(directory, entry); more.ok() && more.value();
       more = volume().readdir(directory, entry)) {
    ++seen[std::string(entry.name)];
    for (int i = 0; i < 10; ++i) {
      ASSERT_EQ(disk_.write("f" + std::to_string((seen.size() * 7 + i) % 20), text_of(200)), "");
    }
    ASSERT_LE(seen.size(), 20u);
  }
  EXPECT_EQ(volume().closedir(directory), Error::kOk);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(seen["f" + std::to_string(i)], 1) << i;
  }
}

// --- space ---

TEST_F(VolumeTest, TheFreeSpacePromisedIsThere) {
  for (int i = 0; i < 12; ++i) {
    const auto space = volume().space();
    ASSERT_TRUE(space.ok());
    EXPECT_EQ(space.value().total, 16 * 4096u);
    if (space.value().free > 0) {
      Disk copy(disk_.image());
      ASSERT_EQ(copy.mount(), "");
      EXPECT_EQ(copy.write("n", text_of(space.value().free)), "") << i;
    }
    disk_.write("f" + std::to_string(i), text_of(2000));
    disk_.write("f0", text_of(100));
  }
}

// Also where large files lie so that the end of the ring is too short for them.
TEST(VolumeSpace, IsThereWhateverWasWrittenBefore) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    const uint32_t sectors = 3 + random() % 40;
    Disk disk(sectors);
    ASSERT_EQ(disk.mount(), "");
    const uint32_t largest = sectors * 4096 / (2 + random() % 12);
    for (uint32_t i = random() % 60; i > 0; --i) {
      const std::string path = "f" + std::to_string(random() % 6);
      random() % 8 == 0 ? disk.remove(path)
                        : disk.write(path, text_of(random() % largest), largest);
    }
    const auto space = disk.volume().space();
    ASSERT_TRUE(space.ok());
    if (space.value().free == 0) {
      continue;  // not even for the name
    }
    const std::string content = text_of(space.value().free);
    const auto file = disk.volume().open("new", Access::kCreate, space.value().free);
    ASSERT_EQ(error_of(file), Error::kOk) << round;
    EXPECT_EQ(disk.volume().write(file.value(), as_bytes(content)), Error::kOk) << round;
    EXPECT_EQ(disk.volume().close(file.value()), Error::kOk) << round;
    EXPECT_EQ(disk.read("new"), content) << round;
  }
}

TEST(VolumeSpace, SmallFilesCanBeReplacedWhenNoNewOneFits) {
  for (const uint32_t bytes : {200u, 300u, 500u, 700u, 1000u}) {
    Disk disk(16);
    ASSERT_EQ(disk.mount(), "");
    const auto write = [&](int i) {
      const auto file = disk.volume().open("f" + std::to_string(i), Access::kCreate, bytes);
      if (!file) {
        return file.error();
      }
      const Error written = disk.volume().write(file.value(), as_bytes(text_of(bytes)));
      const Error closed = disk.volume().close(file.value());
      return written != Error::kOk ? written : closed;
    };
    int files = 0;
    while (write(files) == Error::kOk) {
      ++files;
    }
    for (int i = 0; i < 3 * files; ++i) {
      ASSERT_EQ(write(i % files), Error::kOk) << bytes << ", " << i << " of " << files;
    }
  }
}

// Whether behind the last record the original finds what it wants free before it writes: FORMAT.md,
// "Free space", of a record that is there already.
bool leaves_the_original_room(const Image& image) {
  const ParsedImage parsed = parse_lilotafs(image);
  const auto counted = [](const ParsedFile& file) {
    return static_cast<uint32_t>(8 + file.path.size() + 1 + file.bytes.size() + 8 + 8);
  };
  uint32_t largest = 0;
  for (const ParsedFile& file : parsed.files) {
    largest = std::max(largest, counted(file));
  }
  uint32_t place = parsed.tail;
  bool around = parsed.tail < parsed.head;
  for (const uint32_t bytes : {8u + 1 + 8 + 8, largest, largest}) {
    if (!around && place + bytes > image.size()) {
      place = 0;
      around = true;
    }
    place += bytes;
  }
  return !around || place <= parsed.head / 4096 * 4096;
}

TEST(VolumeSpace, WhatIsWrittenLeavesTheOriginalRoom) {
  std::mt19937 random(1);
  int accepted = 0;
  for (int round = 0; round < 60; ++round) {
    const uint32_t sectors = 3 + random() % 20;
    Disk disk(sectors);
    ASSERT_EQ(disk.mount(), "");
    const uint32_t largest = sectors * 4096 / (3 + random() % 6);
    for (int i = 0; i < 40; ++i) {
      const uint32_t bytes = random() % 4 == 0 ? largest : random() % largest;
      if (disk.write("f" + std::to_string(random() % 8), text_of(bytes), largest) == "") {
        ++accepted;
        ASSERT_TRUE(leaves_the_original_room(disk.image())) << round << ", " << i;
      }
    }
  }
  EXPECT_GT(accepted, 500);
}

TEST_F(VolumeTest, RemovedFilesGiveTheirSpaceBack) {
  for (int round = 0; round < 50; ++round) {
    int files = 0;
    while (disk_.write("f" + std::to_string(files), text_of(1500)) == "") {
      ++files;
    }
    ASSERT_GE(files, 15) << round;
    for (int i = 0; i < files; ++i) {
      ASSERT_EQ(disk_.remove("f" + std::to_string(i)), "") << round;
    }
    ASSERT_EQ(disk_.files(), Files{});
  }
}

// --- reading alone ---

TEST(VolumeReadOnly, RefusesToWrite) {
  Draft draft(8);
  draft.dummy_head().file("a", "1").open_file("n", "data");
  Disk disk(draft.image());
  std::array<uint8_t, 256> buffer;
  Volume volume(disk.flash(), buffer);
  ASSERT_EQ(error_of(volume.mount({.read_only = true})), Error::kOk);
  EXPECT_EQ(error_of(volume.open("a", Access::kWrite)), Error::kReadOnly);
  EXPECT_EQ(volume.mkdir("d"), Error::kReadOnly);
  EXPECT_EQ(volume.remove("a"), Error::kReadOnly);
  EXPECT_EQ(error_of(volume.open("a", Access::kRead)), Error::kOk);
  EXPECT_EQ(disk.image(), draft.image());
}

TEST(VolumeMount, RefusesWhatIsNoFileSystem) {
  for (const uint32_t sectors : {1u, 2u}) {
    EXPECT_NE(Disk(sectors).mount(), "") << sectors;
  }
  // Neither the beginning of a format nor blank.
  for (const uint32_t at : {1u, 9u, 100u, 0x7FFFu}) {
    Image foreign(8 * 4096, 0xFF);
    foreign[at] = 0x00;
    Disk disk(foreign);
    EXPECT_NE(disk.mount(), "") << at;
    EXPECT_EQ(disk.image(), foreign);
  }
  Image text(8 * 4096);
  for (size_t i = 0; i < text.size(); ++i) {
    text[i] = static_cast<uint8_t>("no file system "[i % 15]);
  }
  Disk other(text);
  EXPECT_NE(other.mount(), "");
  EXPECT_EQ(other.image(), text);
}

}  // namespace
}  // namespace flashstore::test
