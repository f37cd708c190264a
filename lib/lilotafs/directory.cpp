#include <algorithm>

#include "lilotafs/path.h"
#include "lilotafs/reader.h"

namespace flashstore::lilotafs {

Error Reader::opendir(std::string_view path, Directory& directory) {
  if (!mounted_) {
    return Error::kNotMounted;
  }
  std::string_view name = without_leading_slashes(path);
  if (name == "." || name == "./") {
    name = {};
  }
  name = without_trailing_slash(name);
  if (!name.empty()) {
    Lookup found;
    if (const Error error = look_up(name, found); error != Error::kOk) {
      return error;
    }
    if (name.size() > kMaxNameBytes || !found.directory.named()) {
      return Error::kNotFound;
    }
  }
  std::copy(name.begin(), name.end(), directory.prefix.begin());
  directory.prefix_bytes = static_cast<uint8_t>(name.size());
  if (!name.empty()) {
    directory.prefix[directory.prefix_bytes++] = '/';
  }
  directory.next = log_.head;
  directory.end = log_.tail;
  directory.other = directories_;
  directories_ = &directory;
  return Error::kOk;
}

// The link that leads to an open directory; null if it is not open.
Directory** Reader::link_to(const Directory& directory) {
  Directory** link = &directories_;
  while (*link != nullptr && *link != &directory) {
    link = &(*link)->other;
  }
  return *link != nullptr ? link : nullptr;
}

core::Result<bool, Error> Reader::readdir(Directory& directory, DirectoryEntry& entry) {
  if (link_to(directory) == nullptr) {
    return Error::kBadDescriptor;
  }
  const std::string_view prefix(directory.prefix.data(), directory.prefix_bytes);
  while (directory.next != directory.end) {
    const Record record = read_record(window_, directory.next);
    if (!record.in_chain()) {
      return Error::kIo;
    }
    directory.next = following(record);
    if (!record.committed() && !record.migrating()) {
      continue;
    }
    std::string_view name = read_name(window_, record);
    if (!name.starts_with(prefix) || parent_of(name) != prefix) {
      continue;
    }
    if (record.migrating()) {
      // Only a mount that does not recover sees any; its successor may be there already.
      std::array<char, kMaxNameBytes + 1> copy;
      std::copy(name.begin(), name.end(), copy.begin());
      Lookup found;
      if (const Error error = look_up({copy.data(), name.size()}, found); error != Error::kOk) {
        return error;
      }
      if (found.file.address != record.address) {
        continue;
      }
      name = read_name(window_, read_record(window_, record.address));
    }
    name.remove_prefix(prefix.size());
    entry.name = name;
    entry.info = {record.address, record.data, record.length, name.ends_with('/')};
    return true;
  }
  return false;
}

Error Reader::closedir(Directory& directory) {
  Directory** const link = link_to(directory);
  if (link == nullptr) {
    return Error::kBadDescriptor;
  }
  *link = directory.other;
  directory.other = nullptr;
  return Error::kOk;
}

}  // namespace flashstore::lilotafs
