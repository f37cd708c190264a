// A lilotafs partition for reading. What it needs to link is small: it can find the head of any
// partition and show the files as they are to be, even one that a power cut left half-way in
// something, but it never writes. volume.h has the rest.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/nor_flash.h"
#include "core/result.h"
#include "lilotafs/chain.h"
#include "lilotafs/error.h"
#include "lilotafs/index.h"
#include "lilotafs/path.h"
#include "lilotafs/window.h"

namespace flashstore::lilotafs {

// What a mount met and did.
struct MountReport {
  // What recovery found, one bit each; FORMAT.md, "Recovery". Bits say what was there, also of a
  // mount that only reads and leaves it.
  enum Case : uint32_t {
    kFormatted = 1u << 0,        // blank: formatted
    kFormatFinished = 1u << 1,   // a first format cut short
    kNextHeadAlone = 1u << 2,    // the head was erased; its successor took over
    kHeadAndNextHead = 1u << 3,  // the head was about to move
    kHeadAndHead = 1u << 4,      // the head had moved, the old one was still marked
    kTornHeader = 1u << 5,       // a record's header half written
    kTornWrap = 1u << 6,         // a wrap marker half written
    kNameless = 1u << 7,         // a record without an end of its name: given up
    kUnfinished = 1u << 8,       // a file being written: given up
    kFinished = 1u << 9,         // a file whose new version was whole: committed
    kOldRestored = 1u << 10,     // an old version without a new one: copied
    kOldDeleted = 1u << 11,      // an old version beside its new one
    kTornMagic = 1u << 12,       // a magic half changed
    kTornStatus = 1u << 14,      // a record that was dying
    kDirt = 1u << 15,            // something in free space
    kAmbiguous = 1u << 13,  // several heads to choose from: FORMAT.md, "What cannot be decided"
  };
  enum class Head : uint32_t { kAtZero, kSearched };

  Head found = Head::kAtZero;
  uint32_t cases = 0;
  uint16_t erases = 0;  // sectors erased by this mount
  uint32_t head = 0;    // addresses
  uint32_t tail = 0;
  uint32_t records = 0;    // in the chain, dead ones too
  uint32_t committed = 0;  // files and directories
};

struct FileInfo {
  uint32_t record = 0;  // address of the record
  uint32_t data = 0;    // address of the data
  uint32_t length = 0;  // of the data
  bool directory = false;
};

struct Extent {
  uint32_t offset = 0;  // in the partition
  uint32_t length = 0;
};

enum class Whence : uint8_t { kSet, kCurrent, kEnd };

// A directory being listed; the caller's.
struct Directory {
  std::array<char, kMaxNameBytes + 1> last;  // the path of what was listed last
  uint32_t last_bytes = 0;
  uint32_t prefix_bytes = 0;  // of it, the directory's own
  uint32_t session = 0;       // the mount it belongs to; 0: closed
};

struct DirectoryEntry {
  std::string_view name;  // without the directory's; directories end with '/'. Until the next call.
  FileInfo info;
};

// At most 576 bytes where pointers have 4: what a call needs at a time is in here, so that it takes
// at most 512 bytes of stack on a chip, without what the flash takes. Not for a small stack itself.
class Reader {
 public:
  static constexpr uint32_t kMinBuffer = 256;
  static constexpr int kMaxOpen = 8;

  // `buffer`, of kMinBuffer bytes or more, serves all traffic; a larger one saves calls. `index`
  // may be empty; with about 10 bytes and the name for each file in it, files are found without
  // reading; when it is too small it is not used. Both, and `flash`, must outlive the object.
  Reader(core::NorFlash& flash, std::span<uint8_t> buffer, std::span<uint8_t> index = {});
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // Writes nothing. kNoFileSystem also for a blank partition.
  core::Result<MountReport, Error> mount();
  // Closes everything.
  void unmount();
  bool mounted() const { return mounted_; }

  // A path is a name as FORMAT.md has it; slashes in front do not count. Returns a descriptor. What
  // it reads stays the same until it is closed, whatever becomes of the file.
  core::Result<int, Error> open(std::string_view path);
  Error close(int descriptor);
  // Returns how many bytes were read: fewer than asked for at the end of the file.
  core::Result<uint32_t, Error> read(int descriptor, std::span<uint8_t> into);
  // Returns the new position, 0 to the file's length.
  core::Result<uint32_t, Error> seek(int descriptor, int32_t offset, Whence whence);
  // Where the content lies, for mapping it into memory or running it in place. It stays there until
  // the descriptor is closed.
  core::Result<Extent, Error> map(int descriptor);

  // Files, and directories with or without their slash. "" and "/" are not recorded: kNotFound.
  core::Result<FileInfo, Error> stat(std::string_view path);

  // "", "/", "." and "./" are the root. kNotFound if the directory is not recorded.
  Error opendir(std::string_view path, Directory& directory);
  // false: there is no more. Names come in the order of their bytes, each once, whatever happens to
  // the files meanwhile. Each call looks at all files.
  core::Result<bool, Error> readdir(Directory& directory, DirectoryEntry& entry);
  Error closedir(Directory& directory);

 protected:
  enum class Use : uint32_t { kFree, kRead, kMapped, kWrite };
  struct Descriptor {
    Use use = Use::kFree;
    uint32_t record = 0;
    uint32_t data = 0;
    uint32_t length = 0;
    uint32_t position = 0;
  };

  // What one pass over the files tells about a name.
  struct Lookup {
    Lookup();

    Record file;       // named() if there is one
    Record directory;  // the same name with a slash
    Record last;       // that it came past
    Flag parent = false;
    uint32_t live_bytes = 0;  // the worst that all files together may take in the log
    uint32_t largest = 0;     // the worst that one of them may take
  };

  // A place in a pass over all files.
  struct Cursor {
    uint32_t address = 0;   // in the chain
    uint32_t position = 0;  // in the index
    Flag failed = false;
  };

  // Finds the log and fills the report; kNoFileSystem also, and a case, if there is none yet.
  Error locate(MountReport& report);
  // False behind the last, or when the flash failed. Migrating ones are files too. The name is good
  // until the window's next use.
  bool next_file(Cursor& cursor, Record& file, std::string_view& name);
  // These two fill found_.
  Error look_up(std::string_view name);
  // kOk, or why there is no such file; found_ is good also for kNotFound.
  Error look_up_file(std::string_view name);
  // Where the chain goes on; behind a record that ends where the partition does, at 0.
  uint32_t following(const Record& record) const {
    return record.next == window_.size() && log_.tail != record.next ? 0 : record.next;
  }
  // Grows along the ring.
  uint32_t place(uint32_t address) const { return address - log_.head; }
  void prefer(Record& known, const Record& found) const;
  core::Result<int, Error> allocate(Use use, const Record& record);
  Descriptor* descriptor(int number);

  Window window_;
  Index index_;
  Log log_;
  // What is too large for the stack of a chip. A mount is over before anything is looked up.
  union {
    HeadSearch search_;
    Lookup found_;
  };
  NameCopy name_;  // whoever uses it does not call another who does while it counts
  std::array<Descriptor, kMaxOpen> descriptors_{};
  uint32_t session_ = 0;
  bool mounted_ = false;
};

}  // namespace flashstore::lilotafs
