// The document's C interface, and each error of its table by a call that meets it.
#include "lilotafs/posix/lilotafs.h"

#include <fcntl.h>
#include <gmock/gmock.h>

#include <cerrno>
#include <cstdio>
#include <map>
#include <memory>
#include <string>

#include "lilotafs/posix/document.h"
#include "norsim/flash.h"

namespace flashstore::test {
namespace {

using testing::Pair;
using testing::UnorderedElementsAre;

norsim::Flash& flash_of(void* user) {
  return *static_cast<norsim::Flash*>(user);
}

class Posix : public testing::Test {
 protected:
  explicit Posix(uint32_t sectors = 16)
      : flash_(std::make_unique<norsim::Flash>(norsim::Contents(sectors * 4096))) {
    mount();
  }

  void mount() {
    partition_.user = flash_.get();
    partition_.size = flash_->size();
    partition_.read = [](void* user, uint32_t offset, void* into, size_t length) {
      return flash_of(user).read(offset, {static_cast<uint8_t*>(into), length});
    };
    partition_.program = [](void* user, uint32_t offset, const void* bytes, size_t length) {
      return flash_of(user).program(offset, {static_cast<const uint8_t*>(bytes), length});
    };
    partition_.erase = [](void* user, uint32_t offset) { return flash_of(user).erase(offset); };
    partition_.map = [](void*, uint32_t offset, uint32_t length, bool code, const void** address,
                        uint32_t* handle) {
      *address = reinterpret_cast<const void*>(static_cast<uintptr_t>(offset + (code ? 1 : 0)));
      *handle = length;
      return true;
    };
    partition_.unmap = [](void* user, uint32_t handle) {
      (void)user;
      unmapped = handle;
    };
    EXPECT_EQ(lilotafs_mount(&context_, &partition_), 0);
  }

  int open(const std::string& name, int flags) {
    return kDocumented.open(&context_, name.c_str(), flags, 0);
  }
  int close(int fd) { return kDocumented.close(&context_, fd); }
  ssize_t write(int fd, const std::string& bytes) {
    return kDocumented.write(&context_, fd, bytes.data(), static_cast<unsigned>(bytes.size()));
  }
  int error() { return kDocumented.last_error(&context_); }

  void make(const std::string& name, const std::string& content) {
    const int fd = open(name, O_WRONLY | O_CREAT);
    ASSERT_GE(fd, 0) << error();
    ASSERT_EQ(write(fd, content), static_cast<ssize_t>(content.size()));
    ASSERT_EQ(close(fd), 0);
  }
  std::string content(const std::string& name) {
    const int fd = open(name, O_RDONLY);
    char buffer[100];
    const ssize_t length = kDocumented.read(&context_, fd, buffer, sizeof buffer);
    close(fd);
    return length < 0 ? "error" : std::string(buffer, static_cast<size_t>(length));
  }
  void fill() {
    for (int i = 0; i < 100; ++i) {
      const int fd = open("fill" + std::to_string(i), O_WRONLY | O_CREAT);
      const bool fits = fd >= 0 && write(fd, std::string(2000, 'x')) >= 0;
      if ((fd >= 0 && close(fd) != 0) || !fits) {
        return;
      }
    }
  }
  int ioctl(int fd, int cmd, ...) {
    va_list args;
    va_start(args, cmd);
    const int result = lilotafs_ioctl(&context_, fd, cmd, args);
    va_end(args);
    return result;
  }

#define EXPECT_ERROR(call, number) \
  EXPECT_EQ((call), -1);           \
  EXPECT_EQ(error(), number)

  std::unique_ptr<norsim::Flash> flash_;
  lilotafs_flash partition_ = {};
  lilotafs_context context_;
  static inline uint32_t unmapped = 0;
};

TEST_F(Posix, FilesAreWrittenAndReadBack) {
  make("/a", "hello");
  EXPECT_EQ(content("a"), "hello");
  EXPECT_EQ(error(), 0);
  make("a", "");
  EXPECT_EQ(content("/a"), "");
}

using DivergenceD09 = Posix;

TEST_F(DivergenceD09, ReadsCountBytesAndStopAtTheEnd) {
  make("a", "hello");
  const int fd = open("a", O_RDONLY);
  char buffer[10] = {};
  EXPECT_EQ(kDocumented.read(&context_, fd, buffer, 3), 3);
  EXPECT_EQ(kDocumented.read(&context_, fd, buffer, 10), 2);
  EXPECT_EQ(std::string(buffer, 2), "lo");
  EXPECT_EQ(kDocumented.read(&context_, fd, buffer, 10), 0);
  EXPECT_EQ(close(fd), 0);
}

TEST_F(Posix, SeeksFromStartHereAndEnd) {
  make("a", "hello");
  const int fd = open("a", O_RDONLY);
  EXPECT_EQ(kDocumented.lseek(&context_, fd, 1, SEEK_SET), 1);
  EXPECT_EQ(kDocumented.lseek(&context_, fd, 2, SEEK_CUR), 3);
  EXPECT_EQ(kDocumented.lseek(&context_, fd, -1, SEEK_END), 4);
  char last = 0;
  EXPECT_EQ(kDocumented.read(&context_, fd, &last, 1), 1);
  EXPECT_EQ(last, 'o');
}

TEST_F(Posix, DirectoriesListTheirChildren) {
  ASSERT_EQ(kDocumented.mkdir(&context_, "/d", 0), 0);
  ASSERT_EQ(kDocumented.mkdir(&context_, "d/e/", 0), 0);
  make("d/f", "1");
  make("g", "2");
  const auto list = [this](const char* name) {
    std::map<std::string, int> found;
    DIR* dir = kDocumented.opendir(&context_, name);
    EXPECT_NE(dir, nullptr) << name;
    while (const dirent* entry = dir != nullptr ? kDocumented.readdir(&context_, dir) : nullptr) {
      EXPECT_TRUE(found.emplace(entry->d_name, entry->d_type).second) << entry->d_name;
    }
    EXPECT_EQ(kDocumented.closedir(&context_, dir), 0);
    return found;
  };
  for (const char* root : {"", "/", "./"}) {
    EXPECT_THAT(list(root), UnorderedElementsAre(Pair("d/", DT_DIR), Pair("g", DT_REG)));
  }
  for (const char* name : {"d", "/d", "d/"}) {
    EXPECT_THAT(list(name), UnorderedElementsAre(Pair("e/", DT_DIR), Pair("f", DT_REG)));
  }
  EXPECT_THAT(list("d/e"), UnorderedElementsAre());
}

TEST_F(Posix, StatTellsKindAndSize) {
  ASSERT_EQ(kDocumented.mkdir(&context_, "d", 0), 0);
  make("d/f", "123");
  struct stat st;
  ASSERT_EQ(lilotafs_stat(&context_, "/d/f", &st), 0);
  EXPECT_TRUE(S_ISREG(st.st_mode));
  EXPECT_EQ(st.st_size, 3);
  EXPECT_NE(st.st_ino, 0u);
  for (const char* name : {"d", "d/"}) {
    ASSERT_EQ(lilotafs_stat(&context_, name, &st), 0) << name;
    EXPECT_TRUE(S_ISDIR(st.st_mode));
    EXPECT_EQ(st.st_size, 0);
  }
  EXPECT_ERROR(lilotafs_stat(&context_, "d/g", &st), ENOENT);
  EXPECT_ERROR(lilotafs_stat(&context_, "d/f", nullptr), EINVAL);
  EXPECT_ERROR(lilotafs_stat(&context_, std::string(64, 'n').c_str(), &st), EINVAL);
}

TEST_F(Posix, AMountFindsWhatAnUnmountLeft) {
  make("a", "hello");
  EXPECT_EQ(lilotafs_unmount(&context_), 0u);
  mount();
  EXPECT_EQ(content("a"), "hello");
}

TEST_F(Posix, MappingsCoverTheContentOfAFile) {
  make("a", "hello");
  const int fd = open("a", O_RDONLY);
  const void* address = nullptr;
  uint32_t handle = 0;
  ASSERT_EQ(ioctl(fd, LILOTAFS_MAP_DATA, &address, &handle), 0);
  const auto offset = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(address));
  char found[5];
  ASSERT_TRUE(flash_->read(offset, {reinterpret_cast<uint8_t*>(found), 5}));
  EXPECT_EQ(std::string(found, 5), "hello");
  EXPECT_EQ(handle, 5u);
  ASSERT_EQ(ioctl(fd, LILOTAFS_MAP_CODE, &address, &handle), 0);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(address), offset + 1);
  ASSERT_EQ(ioctl(fd, LILOTAFS_UNMAP, handle), 0);
  EXPECT_EQ(unmapped, 5u);
  EXPECT_ERROR(ioctl(fd, 0x2222, &address, &handle), EINVAL);
  EXPECT_ERROR(ioctl(fd + 1, LILOTAFS_MAP_DATA, &address, &handle), EBADF);
  const int writer = open("b", O_WRONLY | O_CREAT);
  EXPECT_ERROR(ioctl(writer, LILOTAFS_MAP_DATA, &address, &handle), EINVAL);
}

// --- the table of errors ---

TEST_F(Posix, OpenOfALongNameIsInvalid) {
  EXPECT_ERROR(open(std::string(64, 'n'), O_WRONLY | O_CREAT), EINVAL);
  EXPECT_ERROR(open("/" + std::string(63, 'n'), O_WRONLY | O_CREAT), EINVAL);
  EXPECT_GE(open(std::string(63, 'n'), O_WRONLY | O_CREAT), 0);
}

TEST_F(Posix, OpenOfANameWithASlashAtItsEndIsInvalid) {
  EXPECT_ERROR(open("a/", O_WRONLY | O_CREAT), EINVAL);
  EXPECT_ERROR(open("a/", O_RDONLY), EINVAL);
}

TEST_F(Posix, OpenWithOtherFlagsIsNotPermitted) {
  make("a", "1");
  for (const int flags : {O_RDWR, O_RDWR | O_CREAT, O_WRONLY | O_CREAT | O_TRUNC,
                          O_WRONLY | O_APPEND, O_RDONLY | O_CREAT, O_WRONLY | O_CREAT | O_EXCL}) {
    EXPECT_ERROR(open("a", flags), EPERM) << flags;
  }
  EXPECT_EQ(content("a"), "1");
}

using DivergenceD10 = Posix;

TEST_F(DivergenceD10, OpenForWritingWhileAFileIsOpenForWritingIsNotPermitted) {
  make("b", "1");
  const int fd = open("a", O_WRONLY | O_CREAT);
  EXPECT_ERROR(open("a", O_WRONLY | O_CREAT), EPERM);
  EXPECT_ERROR(open("b", O_WRONLY), EPERM) << "the log has one end";
  EXPECT_ERROR(kDocumented.mkdir(&context_, "d", 0), EPERM);
  EXPECT_EQ(close(fd), 0);
  EXPECT_GE(open("b", O_WRONLY), 0);
}

TEST_F(Posix, OpenInAMissingDirectoryFindsNone) {
  EXPECT_ERROR(open("d/a", O_WRONLY | O_CREAT), ENOENT);
  EXPECT_ERROR(open("d/a", O_RDONLY), ENOENT);
}

TEST_F(Posix, OpenOfAMissingFileFindsNone) {
  EXPECT_ERROR(open("a", O_RDONLY), ENOENT);
  EXPECT_ERROR(open("a", O_WRONLY), ENOENT);
}

TEST_F(Posix, OpenOfAFullVolumeHasNoSpace) {
  fill();
  int fd = 0;
  for (int i = 0; i < 1000 && fd >= 0; ++i) {
    fd = open("n" + std::to_string(i), O_WRONLY | O_CREAT);
    if (fd >= 0 && close(fd) != 0) {
      break;
    }
  }
  EXPECT_EQ(fd, -1);
  EXPECT_EQ(error(), ENOSPC);
}

TEST_F(Posix, OpenOfTooManyFilesHasNoDescriptor) {
  make("a", "1");
  int fds = 0;
  while (fds < 100 && open("a", O_RDONLY) >= 0) {
    ++fds;
  }
  EXPECT_EQ(error(), ENXIO);
  EXPECT_EQ(fds, LILOTAFS_MAX_DESCRIPTORS);
}

TEST_F(Posix, ReadAndSeekOfAFileOpenForWritingAreNotPermitted) {
  const int fd = open("a", O_WRONLY | O_CREAT);
  char byte;
  EXPECT_ERROR(kDocumented.read(&context_, fd, &byte, 1), EPERM);
  EXPECT_ERROR(kDocumented.lseek(&context_, fd, 0, SEEK_SET), EPERM);
}

TEST_F(Posix, WriteToAFileOpenForReadingIsNotPermitted) {
  make("a", "1");
  const int fd = open("a", O_RDONLY);
  EXPECT_ERROR(write(fd, "2"), EPERM);
}

TEST_F(Posix, DescriptorsThatAreNotOpenAreBad) {
  make("a", "1");
  const int closed = open("a", O_RDONLY);
  ASSERT_EQ(close(closed), 0);
  char byte;
  for (const int fd : {closed, -1, -1000, 1000, int{LILOTAFS_MAX_DESCRIPTORS}}) {
    EXPECT_ERROR(kDocumented.read(&context_, fd, &byte, 1), EBADF);
    EXPECT_ERROR(kDocumented.lseek(&context_, fd, 0, SEEK_SET), EBADF);
    EXPECT_ERROR(write(fd, "1"), EBADF);
    EXPECT_ERROR(close(fd), EBADF);
  }
}

TEST_F(Posix, SeekWithAnotherWhenceIsInvalid) {
  make("a", "1");
  const int fd = open("a", O_RDONLY);
  EXPECT_ERROR(kDocumented.lseek(&context_, fd, 0, 17), EINVAL);
}

TEST_F(Posix, SeekInFrontOfTheStartIsInvalid) {
  make("a", "123");
  const int fd = open("a", O_RDONLY);
  EXPECT_ERROR(kDocumented.lseek(&context_, fd, -1, SEEK_SET), EINVAL);
  EXPECT_ERROR(kDocumented.lseek(&context_, fd, -4, SEEK_END), EINVAL);
  EXPECT_EQ(kDocumented.lseek(&context_, fd, 0, SEEK_CUR), 0);
}

using DivergenceD18 = Posix;

TEST_F(DivergenceD18, WriteToAFullVolumeHasNoSpaceAndSoHasClose) {
  make("a", "1");
  const int fd = open("a", O_WRONLY);
  EXPECT_ERROR(write(fd, std::string(100000, 'x')), ENOSPC);
  EXPECT_ERROR(write(fd, "x"), ENOSPC) << "once failed, always failed";
  EXPECT_ERROR(close(fd), ENOSPC);
  EXPECT_EQ(content("a"), "1");
}

TEST_F(Posix, ABrokenChipIsAnInputOutputError) {
  make("a", "1");
  const int fd = open("b", O_WRONLY | O_CREAT);
  // The chip is dead from its next operation on.
  flash_->cut_at({.operation = static_cast<uint32_t>(flash_->counters().program_calls +
                                                     flash_->counters().erases),
                  .where = norsim::Cut::Where::kBefore});
  EXPECT_ERROR(write(fd, "x"), EIO);
  EXPECT_ERROR(close(fd), EIO);
  EXPECT_ERROR(open("a", O_RDONLY), EIO);
  EXPECT_EQ(kDocumented.opendir(&context_, "d"), nullptr);
  EXPECT_EQ(error(), EIO);
}

TEST_F(Posix, DirectoriesOf62BytesAndNoMore) {
  EXPECT_ERROR(kDocumented.mkdir(&context_, std::string(63, 'd').c_str(), 0), EINVAL);
  EXPECT_EQ(kDocumented.mkdir(&context_, std::string(62, 'd').c_str(), 0), 0);
}

TEST_F(Posix, DirectoriesAreMadeOnceAndInOthers) {
  ASSERT_EQ(kDocumented.mkdir(&context_, "d", 0), 0);
  EXPECT_ERROR(kDocumented.mkdir(&context_, "d", 0), EEXIST);
  EXPECT_ERROR(kDocumented.mkdir(&context_, "/d/", 0), EEXIST);
  EXPECT_ERROR(kDocumented.mkdir(&context_, "e/f", 0), ENOENT);
  EXPECT_ERROR(kDocumented.mkdir(&context_, "", 0), EINVAL);
  EXPECT_ERROR(kDocumented.mkdir(&context_, "/", 0), EINVAL);
}

TEST_F(Posix, OpendirOfAMissingDirectoryFindsNone) {
  make("a", "1");
  for (const char* name : {"d", "a"}) {
    EXPECT_EQ(kDocumented.opendir(&context_, name), nullptr) << name;
    EXPECT_EQ(error(), ENOENT);
  }
}

TEST_F(Posix, TooManyOpenDirectoriesHaveNoDescriptor) {
  int open_ones = 0;
  while (open_ones < 100 && kDocumented.opendir(&context_, "/") != nullptr) {
    ++open_ones;
  }
  EXPECT_EQ(error(), ENXIO);
  EXPECT_EQ(open_ones, LILOTAFS_MAX_DIRECTORIES);
}

TEST_F(Posix, ClosedDirectoriesAreBad) {
  DIR* dir = kDocumented.opendir(&context_, "/");
  ASSERT_EQ(kDocumented.closedir(&context_, dir), 0);
  EXPECT_ERROR(kDocumented.closedir(&context_, dir), EBADF);
  EXPECT_EQ(kDocumented.readdir(&context_, dir), nullptr);
  EXPECT_EQ(error(), EBADF);
  EXPECT_ERROR(kDocumented.closedir(&context_, nullptr), EBADF);
}

}  // namespace
}  // namespace flashstore::test
