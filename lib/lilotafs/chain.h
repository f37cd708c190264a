// The log as a chain of records: following it, and finding where it begins. FORMAT.md, "Chain".
#pragma once

#include <cstdint>

#include "lilotafs/index.h"
#include "lilotafs/record.h"

namespace flashstore::lilotafs {

inline constexpr uint32_t kNowhere = 0xFFFFFFFF;

// What follows from one place to the end of the chain, or to where it goes on at 0.
struct Survey {
  Record end;  // the first that is not in the chain
  uint32_t records = 0;
  uint32_t committed = 0;
  uint32_t migrating = 0;
  uint32_t dying = 0;
  bool first_marked = false;   // the first one has the magic of a (next) head
  uint32_t marked = kNowhere;  // the last one behind it that has
  uint32_t wrap = kNowhere;    // it goes on at 0 behind this one; `end` means nothing then
};

// The log as a mount finds it, before it changes anything.
struct Log {
  uint32_t head = 0;
  uint32_t tail = 0;
  Record end;  // what is at the tail
  uint32_t records = 0;
  uint32_t committed = 0;
  uint32_t migrating = 0;
  uint32_t dying = 0;      // records with a status that is none
  bool searched = false;   // the head is not at 0, or was not sure to be
  bool ambiguous = false;  // there were other candidates for it
  uint32_t marked = kNowhere;
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

// Finds the log in a partition; its files go into `index`. Nothing is written.
Found find_log(Window& window, Index& index, Log& log);

// From `address`, an address in the chain, to where it ends; files go into `index`, if any.
Survey survey(Window& window, uint32_t address, Index* index);

}  // namespace flashstore::lilotafs
