// Paths as the records' names have them.
#pragma once

#include <array>
#include <string_view>

#include "lilotafs/format.h"

namespace flashstore::lilotafs {

std::string_view without_leading_slashes(std::string_view path);
std::string_view without_trailing_slash(std::string_view path);

// The directory a file or directory is in, with its slash; empty for the root.
std::string_view parent_of(std::string_view name);

bool is_file_name(std::string_view name);

// As memcmp() of the bytes; a name comes before what it is the beginning of.
int order(std::string_view one, std::string_view other);

bool begins_with(std::string_view name, std::string_view start);

// A name that outlives the window it came from: of up to kMaxNameBytes + 1 bytes.
class NameCopy {
 public:
  NameCopy() = default;
  explicit NameCopy(std::string_view name) { *this = name; }
  NameCopy(const NameCopy&) = delete;
  std::string_view operator=(std::string_view name);
  operator std::string_view() const { return {bytes_.data(), size_}; }
  // Room for it behind a directory's name.
  std::string_view with_slash() {
    bytes_[size_++] = '/';
    return *this;
  }

 private:
  std::array<char, kMaxNameBytes + 1> bytes_;
  size_t size_ = 0;
};

}  // namespace flashstore::lilotafs
