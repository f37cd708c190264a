// The log as a chain of records: following it, and finding where it begins. FORMAT.md, "Chain".
#pragma once

#include <array>
#include <cstdint>

#include "lilotafs/index.h"
#include "lilotafs/record.h"

namespace flashstore::lilotafs {

inline constexpr uint32_t kNowhere = 0xFFFFFFFF;

// What follows from one place to the end of the chain, or to where it goes on at 0.
struct Survey {
  Survey();

  // What is not in the chain any more, and where; if the chain wraps, the kind of the last record.
  Record::Kind end_kind;
  uint32_t end;
  uint32_t records;
  uint32_t committed;
  uint32_t migrating;
  uint32_t dying;     // records with a status that is none
  Flag first_marked;  // the first one has the magic of a (next) head
  Flag first_is_head;
  uint32_t marked;  // the last one behind it that has the magic of a (next) head, or kNowhere
  uint32_t wrap;    // it goes on at 0 behind this one, or kNowhere
};

// The log as a mount finds it, before it changes anything.
struct Log {
  uint32_t head = 0;
  uint32_t tail = 0;
  Survey all;              // of the whole log; its end is the tail
  Flag searched = false;   // the head is not at 0, or was not sure to be
  Flag ambiguous = false;  // there were other candidates for it
  Flag impostors = false;  // something looked like a head but did not fit
  // In the part that was searched in front of the head's sector: the first sector with anything in
  // it, and the end of the last.
  uint32_t dirt = kNowhere;
  uint32_t dirt_end = 0;
};

enum class Found : uint8_t {
  kLog,
  kBlank,
  kTornFormat,  // part of a new partition's head at 0, nothing else
  kForeign,     // something else
  kUnreadable,  // the flash failed
};

// Finds the log in a partition; its files go into `index`. Nothing is written. It is large: not for
// the stack.
class HeadSearch {
 public:
  HeadSearch(Window& window, Index& index);

  Found run(Log& log);

 private:
  // A place where the log may begin.
  struct Candidate {
    uint32_t address = kNowhere;
    Survey above;           // from there to the wrap
    Flag wrap_ends = true;  // nothing lies behind its wrap marker
    Flag checked = false;   // its check byte is right
    uint32_t dirt_end = 0;  // as in Log
  };

  bool scan(uint32_t from, bool thorough);
  bool next_place(uint32_t from, uint32_t& address, uint32_t& place);
  bool leads_nowhere(uint32_t address);
  bool consider(uint32_t address, bool thorough);
  bool has_right_check(uint32_t address);
  bool better() const;
  void join(Log& log) const;
  Found no_log() const;

  Window& window_;
  Index& index_;
  Survey low_;  // from 0
  Candidate best_;
  Candidate candidate_;
  uint32_t index_low_ = 0;  // bytes of the index that belong to low_
  uint32_t candidates_ = 0;
  // Where chains that lead nowhere go on: who is on one need not be followed again.
  std::array<uint32_t, 4> failing_ = {kNowhere, kNowhere, kNowhere, kNowhere};
  uint32_t failures_ = 0;
  uint32_t last_ = 0;         // the one whose files are in the index
  uint32_t dirt_ = kNowhere;  // as in Log, of all that was scanned
  uint32_t dirt_end_ = 0;
  uint32_t dirt_before_ = 0;  // what dirt_end_ was in front of the last sector with dirt
  uint32_t erased_ = 0;       // bytes, up to where the scan is
  Flag gap_ = false;          // the scan has left the data of the last file behind
  Flag only_first_ = true;    // nothing but FF behind a new partition's head
};

// From `address`, an address in the chain, to where it ends; files go into `index`, if any.
Survey survey(Window& window, uint32_t address, Index* index);

}  // namespace flashstore::lilotafs
