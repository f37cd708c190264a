// A lilotafs partition for reading and writing: the file system of the document, made to lose
// nothing. A power cut at any moment leaves each file as it was or as it was to be; one mount
// recovers, whatever happened. FORMAT.md, "Recovery".
#pragma once

#include "lilotafs/reader.h"
#include "lilotafs/space.h"

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
//
// At most 768 bytes where pointers have 4; see also Reader.
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
  // Closes without that: the old content stands.
  void abandon(int descriptor) {
    if (descriptor == writer_.descriptor) {
      writer_.error = Error::kBadDescriptor;
    }
    close(descriptor);
  }
  // Appends; all or nothing. After a failure, further writes fail the same way.
  Error write(int descriptor, std::span<const uint8_t> bytes);

  // A path with or without slash at its end, of at most 62 bytes without it.
  Error mkdir(std::string_view path);
  // A file or an empty directory. Descriptors open for reading it go on.
  Error remove(std::string_view path);

  core::Result<Space, Error> space();

 private:
  // A place for the next record in the ring, as free space is reckoned.
  struct Place {
    uint32_t position;
    Flag wrapped;
  };

  // The file being written.
  struct Writer {
    int descriptor = -1;      // -1: there is none
    Flag reserved = false;    // its record is the last of the log
    uint32_t old = kNowhere;  // the record to replace
    uint32_t overhead = 0;    // worst_size() of the file without data
    Demand demand;            // `bytes` of the last request
    uint8_t check = 0;        // the sum so far
    Error error = Error::kOk;
  };

  // --- space.cpp ---
  bool put(Place& place, uint32_t bytes) const;
  // After a record that ends at `place`, is there the room that has to be left?
  bool leaves_room(Place place, const Demand& demand) const;
  bool fits(const Demand& demand) const;
  // Reclaims until `demand` fits, better still with `wish` bytes.
  Error make_room(const Demand& demand, uint32_t wish);
  uint32_t used() const;
  Place tail_place() const { return {log_.tail, log_.tail < log_.head}; }

  // --- append.cpp ---
  Error flash_error() const { return window_.failed() ? Error::kIo : Error::kOk; }
  void set_tail(uint32_t address) { log_.tail = checked_ = address; }
  void set_status(uint32_t record, uint8_t status);
  void set_length(uint32_t record, uint32_t length);
  void bury(uint32_t record, uint32_t status);
  Error check_tail();
  void begin_record();
  void prepare(uint32_t end);
  void end_upper_part();
  // The new record is new_.
  void reserve(std::string_view name, uint32_t expected);
  void commit(Record& record, std::string_view name, uint32_t check, uint32_t old,
              uint32_t old_status);
  void replace(Record& record, std::string_view name, uint32_t old);
  uint32_t written_end(uint32_t address, uint32_t data, uint32_t end);
  uint32_t nameless_end(uint32_t record) const;
  void end_name(uint32_t record);
  Error give_up(uint32_t address, uint32_t end = 0);
  void copy_data(uint32_t from, uint32_t bytes, uint32_t to);
  Error copy_file(uint32_t record);

  // --- reclaim.cpp ---
  bool pinned(const Record& record) const;
  Error reclaim();
  Error drop_if_superseded();
  Error add_filler(uint32_t& address);
  void clear(const Record& record);
  void clobber(uint32_t address, uint32_t end);
  void mark_next_head(const Record& record);
  void pass_head(uint32_t next);
  void take_over(uint32_t next, uint32_t sector);

  // --- recover.cpp ---
  Error format(MountReport& report);
  Error recover(MountReport& report);
  Error recover_tail(MountReport& report);
  Error recover_open(uint32_t address, MountReport& report);
  bool is_free_from(uint32_t end);
  Error complete_header(uint32_t address);
  Error complete_wrap(uint32_t address);
  void unmask_impostors(uint32_t from, MountReport& report);
  uint32_t first_to_erase() const;
  void recover_head(MountReport& report);
  void erase_dirt(MountReport& report);
  void bury_dying(MountReport& report);
  Error recover_migrating(MountReport& report);
  Error find_migrating(uint32_t& address);

  // --- volume.cpp ---
  Error may_write() const;
  void forget_writer();
  Error plan(uint32_t& expected);
  Error begin(uint32_t expected);
  void start_record(uint32_t expected);
  Error relocate();
  bool has_place(uint32_t length);
  uint8_t final_check(uint8_t sum, uint32_t length) const;

  Writer writer_;
  NameCopy new_name_;  // of the file being written
  Record new_;         // the record at the tail, while it is begun or committed
  Record moved_;       // the one that reclaim(), copy_file() or give_up() is at
  MountOptions options_;
  // Free space from the tail to here is known to be erased. As long as this is not the beginning of
  // a sector, the rest of the tail's own is still to be looked at.
  uint32_t checked_ = 0;
  Flag damaged_ = false;
};

}  // namespace flashstore::lilotafs
