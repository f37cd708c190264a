#include <algorithm>
#include <new>

#include "lilotafs/reader.h"

namespace flashstore::lilotafs {

Error Reader::opendir(std::string_view path, Directory& directory) {
  directory.session = 0;
  if (!mounted_) {
    return Error::kNotMounted;
  }
  std::string_view name = without_trailing_slash(without_leading_slashes(path));
  if (name == ".") {
    name = {};
  }
  if (!name.empty()) {
    if (const Error error = look_up(name); error != Error::kOk) {
      return error;
    }
    if (!found_.directory.named()) {
      return Error::kNotFound;
    }
    std::copy(name.begin(), name.end(), directory.last.begin());
    directory.last[name.size()] = '/';
    name = {directory.last.data(), name.size() + 1};
  }
  directory.prefix_bytes = directory.last_bytes = static_cast<uint32_t>(name.size());
  directory.session = session_;
  return Error::kOk;
}

core::Result<bool, Error> Reader::readdir(Directory& directory, DirectoryEntry& entry) {
  if (!mounted_ || directory.session != session_) {
    return Error::kBadDescriptor;
  }
  const std::string_view last(directory.last.data(), directory.last_bytes);
  std::string_view prefix = last;
  prefix.remove_suffix(last.size() - directory.prefix_bytes);
  // Of the names behind the last one, the first.
  std::string_view first;
  Record best;
  Cursor cursor{.address = log_.head};
  Record file;
  std::string_view name;
  while (next_file(cursor, file, name)) {
    if (order(name, last) > 0 && order(parent_of(name), prefix) == 0 &&
        (first.empty() || order(name, first) <= 0)) {
      if (order(name, first) != 0) {
        new (&best) Record;
        first = name_ = name;
      }
      prefer(best, file);
    }
  }
  if (cursor.failed) {
    return Error::kIo;
  }
  if (first.empty()) {
    return false;
  }
  std::copy(first.begin(), first.end(), directory.last.begin());
  directory.last_bytes = static_cast<uint32_t>(first.size());
  entry.name = {directory.last.data() + directory.prefix_bytes,
                first.size() - directory.prefix_bytes};
  entry.info = {best.address, best.data, best.length, first.back() == '/'};
  return true;
}

Error Reader::closedir(Directory& directory) {
  const bool open = mounted_ && directory.session == session_;
  directory.session = 0;
  return open ? Error::kOk : Error::kBadDescriptor;
}

}  // namespace flashstore::lilotafs
