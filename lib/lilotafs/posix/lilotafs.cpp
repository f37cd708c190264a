#include "lilotafs/posix/lilotafs.h"

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>
#include <optional>
#include <string_view>

#include "lilotafs/volume.h"

namespace flashstore::lilotafs {
namespace {

class Partition final : public core::NorFlash {
 public:
  explicit Partition(const lilotafs_flash& flash) : flash_(flash) {}

  uint32_t size() const override { return flash_.size; }
  bool read(uint32_t address, std::span<uint8_t> into) override {
    return flash_.read(flash_.user, address, into.data(), into.size());
  }
  bool program(uint32_t address, std::span<const uint8_t> bytes) override {
    return flash_.program(flash_.user, address, bytes.data(), bytes.size());
  }
  bool erase(uint32_t address) override { return flash_.erase(flash_.user, address); }

  bool map(const Extent& extent, bool code, const void** address, uint32_t* handle) {
    return flash_.map != nullptr &&
           flash_.map(flash_.user, extent.offset, extent.length, code, address, handle);
  }
  void unmap(uint32_t handle) {
    if (flash_.unmap != nullptr) {
      flash_.unmap(flash_.user, handle);
    }
  }

 private:
  const lilotafs_flash& flash_;
};

int errno_of(Error error) {
  switch (error) {
    case Error::kOk:
      return 0;
    case Error::kNoSpace:
    case Error::kNoBinary:
      return ENOSPC;
    case Error::kNotFound:
    case Error::kNoDirectory:
      return ENOENT;
    case Error::kInvalidName:
    case Error::kInvalidSeek:
      return EINVAL;
    case Error::kWriterOpen:
    case Error::kNotReadable:
    case Error::kNotWritable:
      return EPERM;
    case Error::kBadDescriptor:
      return EBADF;
    case Error::kTooManyOpen:
      return ENXIO;
    case Error::kExists:
      return EEXIST;
    case Error::kIsDirectory:
      return EISDIR;
    case Error::kNotEmpty:
      return ENOTEMPTY;
    case Error::kReadOnly:
      return EROFS;
    case Error::kNoFileSystem:
    case Error::kNotMounted:
      return ENODEV;
    case Error::kIo:
    case Error::kDamaged:
      break;
  }
  return EIO;
}

struct Context {
  explicit Context(const lilotafs_flash& flash) : partition(flash), volume(partition, buffer) {}

  // The result of a call: 0 or -1, with its errno value noted.
  int finish(int number) {
    last_error = number;
    return number == 0 ? 0 : -1;
  }
  int finish(Error error) { return finish(errno_of(error)); }

  template <class Number, class T>
  Number finish(const core::Result<T, Error>& result) {
    return finish(result.ok() ? Error::kOk : result.error()) == 0
               ? static_cast<Number>(result.value())
               : static_cast<Number>(-1);
  }

  // nullptr, and EBADF noted: `dir` is not open.
  std::optional<Directory>* directory(const DIR* dir) {
    for (std::optional<Directory>& each : directories) {
      if (each && reinterpret_cast<const DIR*>(&*each) == dir) {
        return &each;
      }
    }
    finish(EBADF);
    return nullptr;
  }

  Partition partition;
  std::array<uint8_t, Volume::kMinBuffer> buffer;
  Volume volume;
  std::array<std::optional<Directory>, LILOTAFS_MAX_DIRECTORIES> directories;
  dirent entry = {};
  int last_error = 0;
};

static_assert(sizeof(Context) <= sizeof(lilotafs_context));
static_assert(alignof(Context) <= alignof(lilotafs_context));
static_assert(Volume::kMaxOpen == LILOTAFS_MAX_DESCRIPTORS);
static_assert(kMaxNameBytes == LILOTAFS_MAX_FILENAME_LEN);

Context& context_of(void* ctx) {
  return *std::launder(static_cast<Context*>(ctx));
}

bool too_long(const char* name) {
  return strnlen(name, kMaxNameBytes + 1) > kMaxNameBytes;
}

}  // namespace
}  // namespace flashstore::lilotafs

using namespace flashstore::lilotafs;

int lilotafs_mount(void* ctx, const lilotafs_flash* flash) {
  Context& context = *new (ctx) Context(*flash);
  const auto report = context.volume.mount();
  context.finish(report.ok() ? Error::kOk : report.error());
  return context.last_error;
}

uint32_t lilotafs_unmount(void* ctx) {
  Context& context = context_of(ctx);
  context.finish(context.volume.unmount());
  context.directories = {};
  return static_cast<uint32_t>(context.last_error);
}

int lilotafs_errno(void* ctx) {
  return context_of(ctx).last_error;
}

int lilotafs_open(void* ctx, const char* name, int flags, int) {
  Context& context = context_of(ctx);
  const std::string_view path = name;
  if (too_long(name) || path.ends_with('/')) {
    return context.finish(EINVAL);
  }
  switch (flags) {
    case O_RDONLY:
      return context.finish<int>(context.volume.open(path, Volume::Access::kRead));
    case O_WRONLY:
      return context.finish<int>(context.volume.open(path, Volume::Access::kWrite));
    case O_WRONLY | O_CREAT:
      return context.finish<int>(context.volume.open(path, Volume::Access::kCreate));
    default:
      return context.finish(EPERM);
  }
}

int lilotafs_close(void* ctx, int fd) {
  Context& context = context_of(ctx);
  return context.finish(context.volume.close(fd));
}

ssize_t lilotafs_read(void* ctx, int fd, void* buffer, size_t len) {
  Context& context = context_of(ctx);
  return context.finish<ssize_t>(context.volume.read(fd, {static_cast<uint8_t*>(buffer), len}));
}

ssize_t lilotafs_write(void* ctx, int fd, const void* buffer, unsigned int len) {
  Context& context = context_of(ctx);
  const Error error = context.volume.write(fd, {static_cast<const uint8_t*>(buffer), len});
  return context.finish(error) == 0 ? static_cast<ssize_t>(len) : -1;
}

off_t lilotafs_lseek(void* ctx, int fd, off_t offset, int whence) {
  Context& context = context_of(ctx);
  // Which error a bad descriptor or whence has does not depend on the offset.
  const auto distance = static_cast<int32_t>(offset);
  const auto from = whence == SEEK_SET   ? Whence::kSet
                    : whence == SEEK_CUR ? Whence::kCurrent
                                         : Whence::kEnd;
  if (distance != offset || (from == Whence::kEnd && whence != SEEK_END)) {
    const auto open = context.volume.seek(fd, 0, Whence::kCurrent);
    return context.finish(open.ok() ? EINVAL : errno_of(open.error()));
  }
  return context.finish<off_t>(context.volume.seek(fd, distance, from));
}

int lilotafs_mkdir(void* ctx, const char* name, mode_t) {
  Context& context = context_of(ctx);
  return context.finish(context.volume.mkdir(name));
}

DIR* lilotafs_opendir(void* ctx, const char* name) {
  Context& context = context_of(ctx);
  for (std::optional<Directory>& each : context.directories) {
    if (!each) {
      if (context.finish(context.volume.opendir(name, each.emplace())) != 0) {
        each.reset();
        return nullptr;
      }
      return reinterpret_cast<DIR*>(&*each);
    }
  }
  context.finish(ENXIO);
  return nullptr;
}

dirent* lilotafs_readdir(void* ctx, DIR* dir) {
  Context& context = context_of(ctx);
  std::optional<Directory>* const directory = context.directory(dir);
  if (directory == nullptr) {
    return nullptr;
  }
  DirectoryEntry entry;
  if (!context.finish<int>(context.volume.readdir(**directory, entry)) || context.last_error != 0) {
    return nullptr;
  }
  context.entry = {};
  context.entry.d_ino = entry.info.record;
  context.entry.d_type = entry.info.directory ? DT_DIR : DT_REG;
  entry.name.copy(context.entry.d_name, sizeof context.entry.d_name - 1);
  return &context.entry;
}

int lilotafs_closedir(void* ctx, DIR* dir) {
  Context& context = context_of(ctx);
  std::optional<Directory>* const directory = context.directory(dir);
  if (directory == nullptr) {
    return -1;
  }
  const Error error = context.volume.closedir(**directory);
  directory->reset();
  return context.finish(error);
}

int lilotafs_stat(void* ctx, const char* path, struct stat* st) {
  Context& context = context_of(ctx);
  if (st == nullptr || too_long(path)) {
    return context.finish(EINVAL);
  }
  const auto info = context.volume.stat(path);
  if (!info.ok()) {
    return context.finish(info.error());
  }
  *st = {};
  st->st_ino = info.value().record;
  st->st_size = info.value().length;
  st->st_mode = info.value().directory ? S_IFDIR : S_IFREG;
  return context.finish(0);
}

int lilotafs_ioctl(void* ctx, int fd, int cmd, va_list args) {
  Context& context = context_of(ctx);
  const auto extent = context.volume.map(fd);
  if (!extent.ok()) {
    return context.finish(extent.error() == Error::kNotReadable ? EINVAL
                                                                : errno_of(extent.error()));
  }
  if (cmd == LILOTAFS_UNMAP) {
    context.partition.unmap(va_arg(args, uint32_t));
    return context.finish(0);
  }
  if (cmd != LILOTAFS_MAP_CODE && cmd != LILOTAFS_MAP_DATA) {
    return context.finish(EINVAL);
  }
  const void** const address = va_arg(args, const void**);
  uint32_t* const handle = va_arg(args, uint32_t*);
  const bool mapped =
      context.partition.map(extent.value(), cmd == LILOTAFS_MAP_CODE, address, handle);
  return context.finish(mapped ? 0 : EIO);
}
