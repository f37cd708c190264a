// Whole files in and out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "core/result.h"

namespace flashstore::host {

struct FileError {
  std::string message;  // "cannot open FILE: why"
};

// The content of the file `path`; "-" is standard input. A named pipe is refused: it could block
// for ever. Throws std::bad_alloc.
core::Result<std::string, FileError> read_file(const std::string& path);

// Whether both paths lead to one file that exists.
bool same_file(const std::string& a, const std::string& b);

// Makes `bytes` the content of the file `path`; "-" is standard output. The file has either its old
// content or all of the new one, whatever happens: the bytes go into a temporary file beside it,
// which is renamed once they are on the disk. An existing file keeps its permissions, a symbolic
// link stays one. What is not a regular file (a device, a pipe) is written directly. Returns what
// went wrong, if anything did.
std::optional<FileError> write_file(const std::string& path, std::span<const uint8_t> bytes);

}  // namespace flashstore::host
