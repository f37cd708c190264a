#include "folder_writer.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "host/files.h"
#include "image/pack.h"

namespace flashstore::lilotafs_img {
namespace {

using host::Diagnostic;

Diagnostic failure(const std::string& file, const char* what) {
  return {.id = "unwritable",
          .message = std::string("cannot ") + what + " it: " + std::strerror(errno),
          .file = file};
}

// Paths that packing would refuse for another reason than their length, which a computer takes.
bool is_safe(const std::string& path) {
  const image::PackItem item{.path = path};
  for (const image::PathProblem& problem : image::check_paths({&item, 1})) {
    if (problem.fault != image::PathFault::kTooLong) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::optional<Diagnostic> FolderWriter::open() {
  if (mkdir(folder_.c_str(), 0777) != 0 && errno != EEXIST) {
    return failure(folder_, "make");
  }
  return std::nullopt;
}

// Each is made, or was made by an earlier call: one that was there before could be a link out.
std::optional<Diagnostic> FolderWriter::make_directories(const std::string& path) {
  for (size_t slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1)) {
    const std::string directory = path.substr(0, slash + 1);
    if (made_.contains(directory)) {
      continue;
    }
    const std::string place = folder_ + "/" + directory.substr(0, slash);
    struct stat status {};
    const bool is_there = lstat(place.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
    if (!is_there && mkdir(place.c_str(), 0777) != 0) {
      return failure(place, "make");
    }
    made_.insert(directory);
  }
  return std::nullopt;
}

std::optional<Diagnostic> FolderWriter::write(const std::string& path,
                                              std::span<const uint8_t> bytes) {
  if (!is_safe(path)) {
    return Diagnostic{.id = "hostile-name",
                      .message = "not written, it would lead astray: '" + path + "'"};
  }
  if (const auto problem = make_directories(path)) {
    return problem;
  }
  if (path.ends_with('/')) {
    return std::nullopt;
  }
  if (const auto error = host::write_new_file(folder_ + "/" + path, bytes)) {
    return Diagnostic{.id = "unwritable", .message = error->message};
  }
  return std::nullopt;
}

}  // namespace flashstore::lilotafs_img
