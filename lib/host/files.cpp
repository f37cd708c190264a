#include "host/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

namespace flashstore::host {
namespace {

FileError failure(const char* what, const std::string& path, int error) {
  return {std::string("cannot ") + what + " " + path + ": " + std::strerror(error)};
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) {
      close(fd_);
    }
  }

  int get() const { return fd_; }

  // Closes it and returns 0, or the error: some file systems tell of a failed write only now.
  int close_checked() {
    const int fd = fd_;
    fd_ = -1;
    return close(fd) == 0 ? 0 : errno;
  }

 private:
  int fd_;
};

// Returns 0 or the error.
int write_all(int fd, std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) {
        continue;
      }
      return errno;
    }
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return 0;
}

std::optional<FileError> write_directly(const std::string& path, std::span<const uint8_t> bytes) {
  Descriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.get() < 0) {
    return failure("open", path, errno);
  }
  if (const int error = write_all(file.get(), bytes)) {
    return failure("write", path, error);
  }
  if (const int error = file.close_checked()) {
    return failure("write", path, error);
  }
  return std::nullopt;
}

// What a new file would be allowed to be; reading the mask means setting it for a moment.
mode_t default_permissions() {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

// Writes and syncs the temporary file; returns 0 or the error.
int fill(int fd, std::span<const uint8_t> bytes, mode_t permissions) {
  if (const int error = write_all(fd, bytes)) {
    return error;
  }
  if (fchmod(fd, permissions) != 0 || fsync(fd) != 0) {
    return errno;
  }
  return 0;
}

}  // namespace

core::Result<std::string, FileError> read_file(const std::string& path) {
  const bool standard_input = path == "-";
  const std::string name = standard_input ? "stdin" : path;
  Descriptor file(standard_input ? dup(STDIN_FILENO)
                                 : open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) {
    return failure("open", name, errno);
  }
  std::string content;
  struct stat status {};
  if (fstat(file.get(), &status) != 0) {
    return failure("read", name, errno);
  }
  if (S_ISFIFO(status.st_mode) && !standard_input) {
    return FileError{"cannot read " + name + ": it is a pipe; give it as standard input, '-'"};
  }
  if (S_ISREG(status.st_mode)) {
    content.reserve(static_cast<size_t>(status.st_size));
  }
  char block[65536];
  for (;;) {
    const ssize_t got = read(file.get(), block, sizeof block);
    if (got == 0) {
      return content;
    }
    if (got < 0) {
      if (errno == EINTR) {
        continue;
      }
      return failure("read", name, errno);
    }
    content.append(block, static_cast<size_t>(got));
  }
}

bool same_file(const std::string& a, const std::string& b) {
  struct stat first {};
  struct stat second {};
  return stat(a.c_str(), &first) == 0 && stat(b.c_str(), &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

std::optional<FileError> write_file(const std::string& path, std::span<const uint8_t> bytes) {
  if (path == "-") {
    if (const int error = write_all(STDOUT_FILENO, bytes)) {
      return failure("write", "stdout", error);
    }
    return std::nullopt;
  }

  std::string target = path;
  mode_t permissions = default_permissions();
  struct stat status {};
  if (stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) {
      return failure("open", path, EISDIR);
    }
    if (!S_ISREG(status.st_mode)) {
      return write_directly(path, bytes);
    }
    if (access(path.c_str(), W_OK) != 0) {
      return failure("open", path, errno);
    }
    permissions = status.st_mode & 07777;
    char resolved[PATH_MAX];
    if (realpath(path.c_str(), resolved) != nullptr) {
      target = resolved;
    }
  }

  std::string temporary = target + ".XXXXXX";
  Descriptor file(mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) {
    return failure("open", path, errno);
  }
  int error = fill(file.get(), bytes, permissions);
  if (error == 0) {
    error = file.close_checked();
  }
  if (error == 0 && rename(temporary.c_str(), target.c_str()) != 0) {
    error = errno;
  }
  if (error != 0) {
    unlink(temporary.c_str());
    return failure("write", path, error);
  }
  return std::nullopt;
}

}  // namespace flashstore::host
