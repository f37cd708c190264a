// A lilotafs partition for reading and writing: the file system of the document, made to lose
// nothing. A power cut at any moment leaves each file as it was or as it was to be; one mount
// recovers, whatever happened. FORMAT.md, "Recovery".
#pragma once

#include "lilotafs/reader.h"

namespace flashstore::lilotafs {

struct MountOptions {
  bool read_only = false;   // as Reader::mount(): the partition stays as it is
  bool check_bytes = true;  // files written get a check byte; FORMAT.md, "Check byte"
};

// In bytes.
struct Space {
  uint32_t total = 0;  // the partition
  uint32_t live = 0;   // records of files and directories
  uint32_t free = 0;   // data a new file can surely hold
};

// One writer, several readers. Space is reclaimed when a file needs it: the sector of the head is
// emptied and erased, always in the order of the ring, so that all sectors wear alike.
class Volume final : public Reader {
 public:
  enum class Access : uint8_t {
    kRead,
    kWrite,   // a new content for a file that exists
    kCreate,  // or for one that does not
  };

  using Reader::Reader;

  // Formats a blank partition and recovers from whatever cut short the last use. When it fails, the
  // files are as they were, and the next mount tries again.
  core::Result<MountReport, Error> mount(const MountOptions& options = {});
  // Closes everything; a file that is open for writing keeps its old content.
  Error unmount();

  // Writing always begins with an empty file; until close() succeeds, the old content stands.
  // `expected` is the length if it is known, or a guess: writing past it may have to copy. A path
  // as Reader::open() takes it, of at most 63 bytes, whose directory exists. One writer at a time.
  core::Result<int, Error> open(std::string_view path, Access access, uint32_t expected = 0);
  // Commits what was written. If a write() had failed, returns its error: the old content stands.
  Error close(int descriptor);
  // Appends; all or nothing. After a failure, further writes fail the same way.
  Error write(int descriptor, std::span<const uint8_t> bytes);

  // A path with or without slash at its end, of at most 62 bytes without it.
  Error mkdir(std::string_view path);
  // A file or an empty directory. Descriptors open for reading it go on.
  Error remove(std::string_view path);

  core::Result<Space, Error> space();

 private:
  // The file being written.
  struct Writer {
    int descriptor = -1;  // -1: there is none
    uint32_t old = 0;     // the record to replace, if has_old
    bool has_old = false;
    uint8_t check = 0;  // the sum so far
    Error error = Error::kOk;
  };
  Writer writer_;
};

}  // namespace flashstore::lilotafs
