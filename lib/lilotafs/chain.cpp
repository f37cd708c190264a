#include "lilotafs/chain.h"

#include <algorithm>
#include <new>

#include "lilotafs/check.h"

namespace flashstore::lilotafs {
namespace {

// So many erased bytes never lie between the data of a file being written and the head, unless free
// space does: room is always left. FORMAT.md, "What cannot be decided".
constexpr uint32_t kGapBytes = 512;

// A whole sector of dirt may follow: it is erased when the log gets there.
bool ends_well(const Survey& survey) {
  return survey.wrap != kNowhere ||
         (survey.end_kind == Record::Kind::kBroken ? survey.end % kSectorBytes == 0
                                                   : survey.end_kind != Record::Kind::kUnreadable);
}

}  // namespace

HeadSearch::HeadSearch(Window& window, Index& index) : window_(window), index_(index) {}

bool HeadSearch::has_right_check(uint32_t address) {
  return check_record(window_, read_record(window_, address)) == CheckResult::kRight;
}

// The candidate is a better one than the best so far.
bool HeadSearch::better() const {
  const Candidate& one = candidate_;
  const Candidate& other = best_;
  if (one.wrap_ends != other.wrap_ends) {
    return one.wrap_ends;
  }
  if (one.above.first_is_head != other.above.first_is_head) {
    return one.above.first_is_head;
  }
  if (one.checked != other.checked) {
    return one.checked;
  }
  // What is behind a torn file is more likely to be true than what is in it.
  return one.above.committed >= other.above.committed;
}

bool HeadSearch::leads_nowhere(uint32_t address) {
  for (uint32_t& place : failing_) {
    while (place < address) {
      const Record record = read_record(window_, place);
      place = record.in_chain() && record.next > place ? record.next : kNowhere;
    }
    if (place == address) {
      return true;
    }
  }
  return false;
}

// Returns whether the search may end here.
bool HeadSearch::consider(uint32_t address, bool thorough) {
  candidate_.address = address;
  candidate_.wrap_ends = true;
  candidate_.checked = false;
  index_.cut_back(index_low_);
  last_ = address;
  new (&candidate_.above) Survey(survey(window_, address, &index_));
  const bool wraps = candidate_.above.wrap != kNowhere;
  // If there are records at 0, even an open one, they belong to it.
  if (candidate_.above.records == 0 || !ends_well(candidate_.above) ||
      (!wraps && (thorough || low_.records > 0))) {
    failing_[failures_++ % failing_.size()] = address;
    return false;
  }
  candidate_.dirt_end = dirt_before_;
  ++candidates_;
  if (thorough) {
    if (wraps) {
      candidate_.wrap_ends = window_.is_blank(candidate_.above.wrap + kHeaderBytes, window_.size());
    }
    candidate_.checked = has_right_check(address);
  }
  if (best_.address == kNowhere || better()) {
    best_ = candidate_;
  }
  // From the true head on, all that looks like one is the content of a file.
  return !thorough || gap_;
}

// From `address` on, where the scan from `from` is, finds a place where a head may be and moves on
// behind it. Returns false if there is none, or the flash failed: then in front of the end.
bool HeadSearch::next_place(uint32_t from, uint32_t& address, uint32_t& place) {
  const uint32_t size = window_.size();
  while (address < size) {
    const auto bytes = window_.fetch_up_to(address, size);
    if (bytes.size() < kAlignment) {
      return false;
    }
    for (uint32_t at = 0; at + kAlignment <= bytes.size(); at += kAlignment) {
      const auto slot = bytes.subspan(at, kAlignment);
      place = address;
      address += kAlignment;
      const bool erased = all_erased(slot);
      erased_ = erased ? erased_ + kAlignment : 0;
      gap_ = gap_ || erased_ >= kGapBytes;
      if (erased) {
        continue;
      }
      const uint32_t sector = sector_of(place);
      if (sector >= from && sector >= dirt_end_) {
        dirt_ = std::min(dirt_, sector);
        dirt_before_ = dirt_end_;
        dirt_end_ = sector + kSectorBytes;
      }
      only_first_ =
          only_first_ && (place == 0 || (place == kHeaderBytes && all_erased(slot.subspan(1))));
      // The record at 0 is known already.
      if (slot[1] == kMagicHead >> 8 && (slot[0] & ~kMagicNextHead & 0xFF) == 0 && place > 0) {
        return true;
      }
    }
  }
  return false;
}

// Looks at every place from `from` on where a head may be. Returns false if the flash failed.
bool HeadSearch::scan(uint32_t from, bool thorough) {
  uint32_t address = from;
  uint32_t place = from;
  while (next_place(from, address, place)) {
    if (!leads_nowhere(place) && consider(place, thorough)) {
      return true;
    }
  }
  return address >= window_.size();
}

Found HeadSearch::no_log() const {
  if (!only_first_ || low_.records > 0) {
    return Found::kForeign;
  }
  return low_.end_kind == Record::Kind::kTail ? Found::kBlank : Found::kTornFormat;
}

Found HeadSearch::run(Log& log) {
  new (&log) Log;
  index_.clear();
  new (&low_) Survey(survey(window_, 0, &index_));
  index_low_ = low_.wrap == kNowhere ? index_.bytes() : 0;
  if (low_.end_kind == Record::Kind::kUnreadable && low_.wrap == kNowhere) {
    return Found::kUnreadable;
  }
  if (!low_.first_is_head) {
    // Data of a file that was being written may look like anything; nothing else does.
    const bool thorough = low_.wrap == kNowhere && low_.end_kind == Record::Kind::kOpen;
    const uint32_t from = low_.records > 0 && low_.wrap == kNowhere ? low_.end : 0;
    if (!scan(from, thorough)) {
      return Found::kUnreadable;
    }
    log.searched = true;
    if (best_.address == kNowhere && !low_.first_marked) {
      return no_log();
    }
  }
  join(log);
  if (log.head != last_) {
    index_.cut_back(log.head == 0 ? 0 : index_low_);
    survey(window_, log.head, &index_);
  }
  return Found::kLog;
}

// Puts the two parts of the log together.
void HeadSearch::join(Log& log) const {
  const bool at_0 = best_.address == kNowhere;
  log.head = at_0 ? 0 : best_.address;
  log.ambiguous = candidates_ > 1;
  log.impostors = failures_ > 0;
  log.dirt_end = at_0 ? dirt_end_ : best_.dirt_end;
  log.dirt = dirt_ < log.dirt_end ? dirt_ : kNowhere;
  log.all = at_0 ? low_ : best_.above;
  Survey& all = log.all;
  if (all.wrap != kNowhere && at_0) {
    // It cannot go on in the head's own sector: a marker there ends it like any other dirt.
    const bool marker = all.end_kind == Record::Kind::kWrap;
    all.end = marker ? all.wrap : window_.size();
    all.end_kind = marker ? Record::Kind::kBroken : Record::Kind::kTail;
    all.marked = all.marked == all.end ? kNowhere : all.marked;
  } else if (all.wrap != kNowhere && low_.wrap != kNowhere) {
    // What leads to the end of the partition does not lead to the tail: it is dirt.
    all.end = 0;
    all.end_kind = Record::Kind::kBroken;
  } else if (all.wrap != kNowhere) {
    all.records += low_.records;
    all.committed += low_.committed;
    all.migrating += low_.migrating;
    all.dying += low_.dying;
    all.end = low_.end;
    all.end_kind = low_.end_kind;
    if (low_.marked != kNowhere) {
      all.marked = low_.marked;
    } else if (low_.first_marked) {
      all.marked = 0;
    }
  }
  log.tail = all.end;
}

Survey::Survey()
    : end_kind(Record::Kind::kUnreadable),
      end(0),
      records(0),
      committed(0),
      migrating(0),
      dying(0),
      first_marked(false),
      first_is_head(false),
      marked(kNowhere),
      wrap(kNowhere) {}

Survey survey(Window& window, uint32_t address, Index* index) {
  Survey result;
  for (;;) {
    const Record record = read_record(window, address);
    if (!record.in_chain()) {
      result.end = address;
      result.end_kind = record.kind;
      return result;
    }
    if (result.records++ == 0) {
      result.first_marked = record.marked();
      result.first_is_head = record.is_head();
    } else if (record.marked()) {
      result.marked = address;
    }
    result.dying += record.dying();
    result.committed += record.committed();
    result.migrating += record.migrating();
    if (index != nullptr && (record.committed() || record.migrating())) {
      index->add(record, read_name(window, record));
    }
    if (record.next <= address || record.next >= window.size()) {
      result.wrap = address;
      result.end_kind = record.kind;
      return result;
    }
    address = record.next;
  }
}

}  // namespace flashstore::lilotafs
