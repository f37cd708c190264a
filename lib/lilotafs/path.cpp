#include "lilotafs/path.h"

#include <algorithm>
#include <cstring>

namespace flashstore::lilotafs {

std::string_view without_leading_slashes(std::string_view path) {
  while (!path.empty() && path.front() == '/') {
    path.remove_prefix(1);
  }
  return path;
}

std::string_view without_trailing_slash(std::string_view path) {
  if (!path.empty() && path.back() == '/') {
    path.remove_suffix(1);
  }
  return path;
}

std::string_view parent_of(std::string_view name) {
  size_t size = without_trailing_slash(name).size();
  while (size > 0 && name[size - 1] != '/') {
    --size;
  }
  return {name.data(), size};
}

bool is_file_name(std::string_view name) {
  for (const char c : name) {
    if (c == '\0') {
      return false;
    }
  }
  return !name.empty() && name.size() <= kMaxNameBytes && name.back() != '/';
}

int order(std::string_view one, std::string_view other) {
  const size_t both = one.size() < other.size() ? one.size() : other.size();
  // An empty name may be at no address at all, which memcmp must not be given.
  const int difference = both == 0 ? 0 : std::memcmp(one.data(), other.data(), both);
  return difference != 0 ? difference
                         : static_cast<int>(one.size()) - static_cast<int>(other.size());
}

bool begins_with(std::string_view name, std::string_view start) {
  return name.size() >= start.size() && order({name.data(), start.size()}, start) == 0;
}

std::string_view NameCopy::operator=(std::string_view name) {
  size_ = name.size();
  std::copy(name.begin(), name.end(), bytes_.data());
  return *this;
}

}  // namespace flashstore::lilotafs
