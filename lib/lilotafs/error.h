// Why an operation of the file system did not happen.
#pragma once

#include <cstdint>

namespace flashstore::lilotafs {

// In brackets: the errno of the document's interface.
enum class Error : uint32_t {
  kOk,
  kIo,             // the flash failed [EIO]
  kDamaged,        // the log ends in bytes no power cut explains: nothing is written [EIO]
  kNoSpace,        // not even when all garbage is reclaimed, or open files keep it from it [ENOSPC]
  kNoBinary,       // a *.bin file cannot exist in a partition of this size [ENOSPC]
  kNotFound,       // no such file or directory [ENOENT]
  kNoDirectory,    // the directory it should be in does not exist [ENOENT]
  kInvalidName,    // empty, too long, ends with a slash, or contains a NUL [EINVAL]
  kInvalidSeek,    // before the start or past the end of the file, or no such whence [EINVAL]
  kWriterOpen,     // there is one writer at a time [EPERM]
  kNotReadable,    // open for writing [EPERM]
  kNotWritable,    // open for reading [EPERM]
  kBadDescriptor,  // not open [EBADF]
  kTooManyOpen,    // all descriptors are in use [ENXIO]
  kExists,         // mkdir of what is there [EEXIST]
  kIsDirectory,    // a directory where a file is asked for [EISDIR]
  kNotEmpty,       // a directory with something in it cannot be removed [ENOTEMPTY]
  kReadOnly,       // mounted read-only [EROFS]
  kNoFileSystem,   // mount: neither blank nor a partition of lilotafs, or too small [ENODEV]
  kNotMounted,     // [ENODEV]
};

// What a person would call it. In a file of its own, so that a chip can leave the words out.
const char* describe(Error error);

}  // namespace flashstore::lilotafs
