#include "host/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <span>
#include <utility>

#include "host/quantities.h"

namespace flashstore::host {
namespace {

FileError failure(const char* what, const std::string& path, int error) {
  return {std::string("cannot ") + what + " " + path + ": " + std::strerror(error), false};
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

// What a new file would be allowed to be. Reading the mask means setting it for a moment: of two
// threads one could take the other's for what it was.
mode_t default_permissions() {
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

// Where the symbolic link `path` leads to, be there a file or not; anything else is itself.
std::string resolved(const std::string& path) {
  constexpr int kMaxLinks = 40;  // as the system has it
  std::filesystem::path at = path;
  std::error_code error;
  for (int i = 0; i < kMaxLinks && std::filesystem::is_symlink(at, error); ++i) {
    at = at.parent_path() / std::filesystem::read_symlink(at, error);
  }
  return at.string();
}

// Returns 0 or the error.
int fill(int fd, std::span<const uint8_t> bytes, mode_t permissions) {
  if (const int error = write_all(fd, bytes)) {
    return error;
  }
  return fchmod(fd, permissions) == 0 ? 0 : errno;
}

std::string temporary_beside(const std::string& path) {
  return path.substr(0, path.rfind('/') + 1) + ".flashstore.XXXXXX";
}

// Gives a file its name if no other has it. Returns 0 or the error.
int rename_to_new(const std::string& from, const std::string& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
    return 0;
  }
  if (errno != EINVAL && errno != ENOSYS) {
    return errno;
  }
  // Not every file system can do that. Then it has, as a rule, links.
  if (link(from.c_str(), to.c_str()) != 0) {
    return errno;
  }
  unlink(from.c_str());
  return 0;
}

}  // namespace

core::Result<std::string, FileError> read_file(const std::string& path, size_t max_bytes) {
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
    return FileError{"cannot read " + name + ": it is a pipe; give it as standard input, '-'",
                     false};
  }
  const FileError too_large{"cannot read " + name + ": it has more than " + host::bytes(max_bytes),
                            true};
  if (S_ISREG(status.st_mode)) {
    if (static_cast<uint64_t>(status.st_size) > max_bytes) {
      return too_large;
    }
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
    if (content.size() > max_bytes) {
      return too_large;
    }
  }
}

bool is_overwritten(const std::string& input, const std::string& output) {
  struct stat read {};
  struct stat written {};
  const int got = input == "-" ? fstat(STDIN_FILENO, &read) : stat(input.c_str(), &read);
  return got == 0 && output != "-" && stat(output.c_str(), &written) == 0 &&
         S_ISREG(read.st_mode) && read.st_dev == written.st_dev && read.st_ino == written.st_ino;
}

PendingFile::PendingFile(PendingFile&& other) noexcept
    : path_(std::move(other.path_)),
      target_(std::move(other.target_)),
      temporary_(std::exchange(other.temporary_, {})),
      bytes_(std::move(other.bytes_)) {}

PendingFile::~PendingFile() {
  if (!temporary_.empty()) {
    unlink(temporary_.c_str());
  }
}

core::Result<PendingFile, FileError> PendingFile::prepare(const std::string& path,
                                                          std::vector<uint8_t> bytes) {
  PendingFile pending;
  pending.path_ = path;
  pending.target_ = path;
  if (path == "-") {
    pending.bytes_ = std::move(bytes);
    return pending;
  }
  mode_t permissions = default_permissions();
  struct stat status {};
  if (stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) {
      return failure("open", path, EISDIR);
    }
    if (access(path.c_str(), W_OK) != 0) {
      return failure("open", path, errno);
    }
    if (!S_ISREG(status.st_mode)) {
      pending.bytes_ = std::move(bytes);
      return pending;
    }
    permissions = status.st_mode & 07777;
  }
  pending.target_ = resolved(path);

  std::string temporary = temporary_beside(pending.target_);
  Descriptor file(mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) {
    return failure("open", path, errno);
  }
  pending.temporary_ = std::move(temporary);
  int error = fill(file.get(), bytes, permissions);
  error = error == 0 && fsync(file.get()) != 0 ? errno : error;
  error = error != 0 ? error : file.close_checked();
  if (error != 0) {
    return failure("write", path, error);
  }
  return pending;
}

std::optional<FileError> PendingFile::commit() {
  if (!temporary_.empty()) {
    if (rename(temporary_.c_str(), target_.c_str()) != 0) {
      return failure("write", path_, errno);
    }
    temporary_.clear();
    return std::nullopt;
  }
  if (path_ != "-") {
    return write_directly(path_, bytes_);
  }
  if (const int error = write_all(STDOUT_FILENO, bytes_)) {
    return failure("write", "stdout", error);
  }
  return std::nullopt;
}

std::optional<FileError> write_new_file(const std::string& path, std::span<const uint8_t> bytes) {
  std::string temporary = temporary_beside(path);
  Descriptor file(mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) {
    return failure("make", path, errno);
  }
  int error = fill(file.get(), bytes, default_permissions());
  error = error != 0 ? error : file.close_checked();
  error = error != 0 ? error : rename_to_new(temporary, path);
  if (error == 0) {
    return std::nullopt;
  }
  unlink(temporary.c_str());
  return failure("write", path, error);
}

}  // namespace flashstore::host
