// Files of a partition, written into a folder of this computer.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "host/diagnostic.h"

namespace flashstore::lilotafs_img {

// Whatever the paths are, nothing is written outside the folder, and no file of it that was there
// before is touched.
class FolderWriter {
 public:
  // A folder that is there, or is to be made.
  explicit FolderWriter(std::string folder) : folder_(std::move(folder)) {}

  // Makes the folder. Returns what is wrong, as the others do.
  std::optional<host::Diagnostic> open();

  // `path` is as a partition has it; a directory's ends with '/'. Directories it is in are made.
  std::optional<host::Diagnostic> write(const std::string& path, std::span<const uint8_t> bytes);

 private:
  std::optional<host::Diagnostic> make_directories(const std::string& path);

  std::string folder_;
  std::set<std::string> made_;  // directories, with their slashes
};

}  // namespace flashstore::lilotafs_img
