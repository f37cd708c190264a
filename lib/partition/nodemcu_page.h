// The page of records at the beginning of an ESP8266's firmware (FORMAT.md, "Page of records"): the
// partition table, and which reload of LFS is under way. Whatever is written, power may go at any
// point: what was there before or what was to be there is found afterwards, once recover() has run.
//
// All of it works through core::NorFlash, on the whole chip, with little stack and no memory.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/nor_flash.h"
#include "partition/table.h"

namespace flashstore::partition {

struct Record {
  uint32_t offset = 0;  // of its header word in the page, in bytes
  uint32_t id = 0;
  uint32_t words = 0;  // of its body, which follows the header

  uint32_t body() const { return offset + 4; }
  uint32_t end() const { return body() + words * 4; }
};

enum class PageFlaw : uint32_t {
  kNone,
  kNoTable,      // nothing is wrong: there is no table
  kFlashFailed,  // the chip did not do what it was asked to
  kRunsOff,      // a record reaches past the place for records
  kBodyLength,   // a record is longer than any can be
  kTableLength,  // a table that is empty, too long or ends within an entry
  kFull,         // no room, however much is cleared away
};

// A short name for it, for messages and tests: "runs-off", "table-length", ...
const char* name(PageFlaw flaw);

struct PageProblem {
  PageFlaw flaw = PageFlaw::kNone;
  uint32_t offset = 0;  // in the page, of the record at fault

  bool ok() const { return flaw == PageFlaw::kNone; }
};

// Walks the records of a page, deleted ones as well.
class PageScan {
 public:
  PageScan(core::NorFlash& flash, uint32_t page) : flash_(flash), page_(page) {}

  // nullopt: there are no more, or what follows is damaged.
  std::optional<Record> next();

  const PageProblem& problem() const { return problem_; }
  // Where the next record begins, or would.
  uint32_t offset() const { return offset_; }

 private:
  core::NorFlash& flash_;
  uint32_t page_;
  uint32_t offset_ = 0;
  PageProblem problem_;
};

class PageStore {
 public:
  // Sectors of `flash`, the caller's, which outlives this. An original firmware has no place for
  // the backup: there the page may only be read.
  explicit PageStore(core::NorFlash& flash, uint32_t page = kPageAddress,
                     uint32_t backup = kBackupAddress)
      : flash_(flash), page_(page), backup_(backup) {}

  // Finishes what power interrupted. To be called when the chip boots, before anything else.
  PageProblem recover();

  // --- the table ---
  // The one in force: the first. With a problem `table` is not to be used.
  PageProblem read_table(Table& table);
  // The table has 1 to kMaxEntries entries, an end marker among them.
  PageProblem replace_table(const Table& table);

  // --- the reload under way ---
  struct Reload {
    std::string_view file;  // in the caller's memory
    bool continued = false;
  };
  static constexpr uint32_t kMaxNameBytes = (kMaxBodyWords - 1) * 4;

  // What was begun and has not ended. `buffer` takes the name; kMaxNameBytes are always enough.
  std::optional<Reload> reload(std::span<char> buffer);
  // `file` has 1 to kMaxNameBytes bytes, none of them 0. What was under way is not any more.
  PageProblem begin_reload(std::string_view file);
  // Notes that it is tried again. Both do nothing if no reload is under way.
  PageProblem continue_reload() { return clear_reload_bit(kReloadContinuedBit); }
  PageProblem end_reload() { return clear_reload_bit(kReloadOverBit); }

 private:
  bool read_word(uint32_t address, uint32_t& word);
  bool program_word(uint32_t address, uint32_t word);
  bool is_blank(uint32_t begin, uint32_t end);
  bool copy(uint32_t from, uint32_t to, uint32_t bytes);

  PageProblem make_room(uint32_t words, uint32_t& offset);
  bool commit_record(const Record& record);

  bool backup_sum(uint32_t& sum);
  PageProblem collect();
  PageProblem finish_collecting();
  bool is_live(const Record& record, bool& live);

  static bool is_under_way(const Record& record, uint32_t state);
  bool find_reload(PageScan& scan, Record& record, uint32_t& state);
  PageProblem clear_reload_bit(uint32_t bit);

  core::NorFlash& flash_;
  uint32_t page_;
  uint32_t backup_;
};

}  // namespace flashstore::partition
