// Whole files in and out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"

namespace flashstore::host {

struct FileError {
  std::string message;     // "cannot open FILE: why"
  bool too_large = false;  // there is no other reason
};

// The content of the file `path`; "-" is standard input. A named pipe is refused: it could block
// for ever. So is a file of more than `max_bytes`. Throws std::bad_alloc.
core::Result<std::string, FileError> read_file(const std::string& path, size_t max_bytes);

// Whether writing `output` would write over `input`, a file that exists. An input "-" is whatever
// standard input comes from; an output "-" overwrites nothing.
bool is_overwritten(const std::string& input, const std::string& output);

// A file about to get a new content: it is on the disk already, in a temporary file beside it, but
// only commit() lets it take the old one's place, in one step. Without commit() the old file stays
// as it is. An existing file keeps its permissions, a symbolic link stays one. What is not a
// regular file (a device, a pipe), and "-", standard output, is written by commit() itself.
class PendingFile {
 public:
  // Throws std::bad_alloc.
  static core::Result<PendingFile, FileError> prepare(const std::string& path,
                                                      std::vector<uint8_t> bytes);

  PendingFile(PendingFile&& other) noexcept;
  PendingFile& operator=(PendingFile&&) = delete;
  ~PendingFile();

  // Once. Returns what went wrong, if anything did.
  std::optional<FileError> commit();

 private:
  PendingFile() = default;

  std::string path_;       // as it was given
  std::string target_;     // where it leads to
  std::string temporary_;  // empty: there is none, commit() writes bytes_
  std::vector<uint8_t> bytes_;
};

// A new file: it appears with all its bytes or not at all, and what is there by that name, be it a
// link to nowhere, stays. It is not on the disk for sure when this returns.
std::optional<FileError> write_new_file(const std::string& path, std::span<const uint8_t> bytes);

}  // namespace flashstore::host
