// Paths as the records' names have them.
#pragma once

#include <string_view>

#include "lilotafs/format.h"

namespace flashstore::lilotafs {

constexpr std::string_view without_leading_slashes(std::string_view path) {
  while (path.starts_with('/')) {
    path.remove_prefix(1);
  }
  return path;
}

constexpr std::string_view without_trailing_slash(std::string_view path) {
  if (path.ends_with('/')) {
    path.remove_suffix(1);
  }
  return path;
}

// The directory a file or directory is in, with its slash; empty for the root.
constexpr std::string_view parent_of(std::string_view name) {
  name = without_trailing_slash(name);
  while (!name.empty() && !name.ends_with('/')) {
    name.remove_suffix(1);
  }
  return name;
}

constexpr bool is_file_name(std::string_view name) {
  for (const char c : name) {
    if (c == '\0') {
      return false;
    }
  }
  return !name.empty() && name.size() <= kMaxNameBytes && !name.ends_with('/');
}

}  // namespace flashstore::lilotafs
