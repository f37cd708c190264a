#include "lilotafs/error.h"

namespace flashstore::lilotafs {

const char* describe(Error error) {
  switch (error) {
    case Error::kOk:
      return "no error";
    case Error::kIo:
      return "the flash failed";
    case Error::kDamaged:
      return "the log ends in bytes that are no record";
    case Error::kNoSpace:
      return "no space left";
    case Error::kNoBinary:
      return "a .bin file cannot exist in a partition of this size";
    case Error::kNotFound:
      return "no such file or directory";
    case Error::kNoDirectory:
      return "its directory does not exist";
    case Error::kInvalidName:
      return "not a valid name";
    case Error::kInvalidSeek:
      return "not a position in the file";
    case Error::kWriterOpen:
      return "another file is open for writing";
    case Error::kNotReadable:
      return "not open for reading";
    case Error::kNotWritable:
      return "not open for writing";
    case Error::kBadDescriptor:
      return "not an open file or directory";
    case Error::kTooManyOpen:
      return "too many open files";
    case Error::kExists:
      return "it exists already";
    case Error::kIsDirectory:
      return "a directory";
    case Error::kNotEmpty:
      return "the directory is not empty";
    case Error::kReadOnly:
      return "mounted read-only";
    case Error::kNoFileSystem:
      return "not a lilotafs partition";
    case Error::kNotMounted:
      return "not mounted";
  }
  return "unknown error";
}

}  // namespace flashstore::lilotafs
