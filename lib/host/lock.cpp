#include "host/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace flashstore::host {
namespace {

// Returns the descriptor, or -1 and errno.
int open_file(const std::string& path) {
  // To make what is there is not allowed where it is somebody else's and anybody may make files.
  constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  for (;;) {
    int file = open(path.c_str(), kFlags);
    if (file >= 0 || errno != ENOENT) {
      return file;
    }
    file = open(path.c_str(), kFlags | O_CREAT | O_EXCL, 0444);
    if (file >= 0) {
      fchmod(file, 0444);  // whatever the mask: others are to read it
      return file;
    }
    if (errno != EEXIST) {
      return -1;
    }
  }
}

// Whether `file` still has its name: who held the lock before took it away.
bool is_at(int file, const std::string& path) {
  struct stat held {};
  struct stat named {};
  return fstat(file, &held) == 0 && lstat(path.c_str(), &named) == 0 &&
         held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

}  // namespace

std::string Lock::folder_for_all() {
  constexpr const char* kUsual = "/run/lock";
  struct stat status {};
  const bool is_for_all = stat(kUsual, &status) == 0 && S_ISDIR(status.st_mode) &&
                          (status.st_mode & (S_IWOTH | S_ISVTX)) == (S_IWOTH | S_ISVTX);
  return is_for_all ? kUsual : "/tmp";
}

core::Result<Lock, LockError> Lock::take(const std::string& name, const std::string& folder) {
  const std::string path = folder + "/" + name;
  for (;;) {
    const int file = open_file(path);
    if (file < 0) {
      return LockError{false, "cannot open " + path + ": " + std::strerror(errno)};
    }
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
      const int error = errno;
      close(file);
      return LockError{error == EWOULDBLOCK, "cannot lock " + path + ": " + std::strerror(error)};
    }
    if (is_at(file, path)) {
      return Lock(path, file);
    }
    close(file);
  }
}

Lock::Lock(Lock&& other) noexcept
    : path_(std::move(other.path_)), file_(std::exchange(other.file_, -1)) {}

Lock::~Lock() {
  if (file_ >= 0) {
    unlink(path_.c_str());
    close(file_);
  }
}

}  // namespace flashstore::host
