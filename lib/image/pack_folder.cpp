#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "image/pack_sources.h"
#include "lilotafs/format.h"

namespace flashstore::image {
namespace {

using host::Diagnostic;

// Far beyond any name; each level has a folder open.
constexpr size_t kDeepest = 4 * lilotafs::kMaxNameBytes;

bool matches(const std::string& pattern, const std::string& path) {
  const std::string whole = path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
  const bool anywhere = pattern.find('/') == std::string::npos;
  const std::string subject = anywhere ? whole.substr(whole.rfind('/') + 1) : whole;
  return fnmatch(pattern.c_str(), subject.c_str(), 0) == 0;
}

bool matches_any(const std::vector<std::string>& patterns, const std::string& path) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matches(pattern, path); });
}

class Folder {
 public:
  explicit Folder(const std::string& path) : stream_(opendir(path.c_str())) {}
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    if (stream_ != nullptr) {
      closedir(stream_);
    }
  }

  bool is_open() const { return stream_ != nullptr; }
  int descriptor() const { return dirfd(stream_); }
  // nullptr at the end, or with errno set.
  const dirent* next() {
    errno = 0;
    return readdir(stream_);
  }

 private:
  DIR* stream_;
};

class Walk {
 public:
  Walk(const Filter& filter, Diagnostics& problems) : filter_(filter), problems_(problems) {}

  // `folder` is what `path`, of the partition, comes from: both end in '/', or `path` is empty.
  // Folders in folders end where paths get too long.
  void enter(const std::string& folder, const std::string& path) {
    Folder open(folder);
    struct stat status {};
    if (!open.is_open() || fstat(open.descriptor(), &status) != 0) {
      return fail_to("read", folder);
    }
    const FileIdentity here{status.st_dev, status.st_ino};
    if (std::find(above_.begin(), above_.end(), here) != above_.end()) {
      return problem("link-loop", folder, "a symbolic link leads back to a folder it is in");
    }
    above_.push_back(here);
    while (const dirent* entry = open.next()) {
      if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0) {
        take(open.descriptor(), folder + entry->d_name, entry->d_name, path + entry->d_name);
      }
    }
    if (errno != 0) {
      fail_to("read", folder);
    }
    above_.pop_back();
  }

  std::vector<Source> found;

 private:
  void problem(const char* id, const std::string& file, const std::string& message,
               const std::string& hint = "'--exclude PATTERN' leaves it out") {
    problems_.push_back(Diagnostic{.id = id, .message = message, .hint = hint, .file = file});
  }

  void fail_to(const char* what, const std::string& file) {
    problem("unreadable", file, std::string("cannot ") + what + " it: " + std::strerror(errno));
  }

  void take(int folder, const std::string& file, const char* name, const std::string& path) {
    if (filter_.excludes(path)) {
      return;
    }
    struct stat status {};
    if (fstatat(folder, name, &status, 0) != 0) {
      return errno == ELOOP ? problem("link-loop", file, "a symbolic link that leads to itself")
                            : fail_to("read", file);
    }
    if (S_ISDIR(status.st_mode)) {
      return take_folder(file, path);
    }
    if (!filter_.includes(path)) {
      return;
    }
    if (!S_ISREG(status.st_mode)) {
      return problem("not-a-file", file, kind_of(status.st_mode) + " cannot be packed");
    }
    found.push_back({.item = {path, static_cast<uint64_t>(status.st_size)},
                     .file = file,
                     .identity = {status.st_dev, status.st_ino}});
  }

  void take_folder(const std::string& file, const std::string& path) {
    if (filter_.include.empty()) {
      found.push_back({.item = {path + "/"}});
    }
    if (path.size() > kDeepest) {
      return problem("name-too-long", file, "a folder this deep has no files to be packed");
    }
    enter(file + "/", path + "/");
  }

  const Filter& filter_;
  Diagnostics& problems_;
  std::vector<FileIdentity> above_;  // the folders the walk is in
};

}  // namespace

bool Filter::excludes(const std::string& path) const {
  return matches_any(exclude, path);
}

bool Filter::includes(const std::string& path) const {
  return include.empty() || matches_any(include, path);
}

std::vector<Source> sources_in(const std::string& folder, const Filter& filter,
                               Diagnostics& problems) {
  Walk walk(filter, problems);
  walk.enter(folder.ends_with('/') ? folder : folder + "/", "");
  return std::move(walk.found);
}

}  // namespace flashstore::image
