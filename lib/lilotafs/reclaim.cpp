// Moving the head. FORMAT.md, "Moving the head".
#include <new>

#include "lilotafs/volume.h"

namespace flashstore::lilotafs {

// Someone still reads what a move would take away.
bool Volume::pinned(const Record& record) const {
  for (const Descriptor& descriptor : descriptors_) {
    if (descriptor.use != Use::kFree && descriptor.record == record.address &&
        (descriptor.use != Use::kRead || !record.committed())) {
      return true;
    }
  }
  return false;
}

// Moves what lives in the records that begin in the head's sector, then makes the first record
// beyond it the head and erases what lies between. kNoSpace: nothing to gain, or someone reads
// there.
Error Volume::reclaim() {
  const uint32_t sector = sector_of(log_.head);
  if (log_.tail != 0 && sector_of(log_.tail) == sector) {
    return Error::kNoSpace;
  }
  enum { kLooking, kMoving, kClearing };
  uint32_t address = log_.head;
  for (int task = kLooking; task <= kClearing;) {
    if (address == log_.tail && task == kClearing) {
      if (const Error error = add_filler(address); error != Error::kOk) {
        return error;
      }
    }
    const Record& record = *new (&moved_) Record(read_record(window_, address));
    // A wrap marker is no head: it is passed over.
    const bool beyond = address == log_.tail ||
                        (sector_of(address) != sector && record.kind != Record::Kind::kWrap);
    if (beyond && task == kClearing) {
      pass_head(address);
      return flash_error();
    }
    if (beyond) {
      ++task;
      address = log_.head;
      continue;
    }
    if (!record.in_chain()) {
      return Error::kDamaged;
    }
    if (task == kLooking && pinned(record)) {
      return Error::kNoSpace;
    }
    if (task == kMoving && (record.committed() || record.migrating())) {
      Error error = drop_if_superseded();
      if (error == Error::kOk && record.status != kStatusDeleted) {
        error = copy_file(address);
      }
      if (error != Error::kOk) {
        return error;
      }
    }
    if (task == kClearing) {
      clear(record);
    }
    address = following(record);
  }
  return Error::kOk;
}

// Of two files with the same name the earlier one must not be moved behind the later.
Error Volume::drop_if_superseded() {
  name_ = read_name(window_, moved_);
  const Error error = look_up(name_);
  if (error == Error::kOk && found_.file.address != moved_.address) {
    bury(moved_.address, moved_.status);
    index_.remove(moved_.address);
    moved_.status = kStatusDeleted;
  }
  return error;
}

// There must be something that can be the head: puts it at the tail, which was at `address`.
Error Volume::add_filler(uint32_t& address) {
  Place place = tail_place();
  if (!put(place, kEmptyRecordBytes + kAlignment)) {
    return Error::kNoSpace;
  }
  reserve({}, 0);
  address = address == window_.size() ? 0 : address;
  return give_up(new_.address);
}

// Takes from a dead record what could be mistaken for a head. Sectors that lie in it as a whole get
// a mark, so that one that was not erased can be told from one that was.
void Volume::clear(const Record& record) {
  const bool wrap = record.kind == Record::Kind::kWrap;
  const uint32_t end = wrap ? window_.size() : record.next;
  // The byte behind a wrap marker is part of what it is known by.
  const uint32_t name_end = record.address + kHeaderBytes + record.name_bytes + 1;
  for (uint32_t at = round_up(name_end, kSectorBytes); at + kSectorBytes <= end;
       at += kSectorBytes) {
    window_.program(at, 0);
  }
  if (!wrap) {
    clobber(record.data, end);
  }
}

// Clears the high byte of everything like a magic in [address, end).
void Volume::clobber(uint32_t address, uint32_t end) {
  while (address + kAlignment <= end) {
    const auto bytes = window_.fetch_up_to(address, end);
    if (bytes.size() < kAlignment) {
      window_.fail();
      return;
    }
    uint32_t at = 0;
    while (at + kAlignment <= bytes.size() && bytes[at + kMagic + 1] != kMagicRecord >> 8) {
      at += kAlignment;
    }
    address += at;
    if (at + kAlignment <= bytes.size()) {
      window_.program(address + kMagic + 1, 0);
      address += kAlignment;
    }
  }
}

// The magic of a record behind the head becomes that of a next head, unless it is further already.
void Volume::mark_next_head(const Record& record) {
  constexpr uint8_t kLow = kMagicNextHead & 0xFF;
  if ((record.magic & kLow) == kLow && record.magic != kLow) {
    window_.program(record.address, kLow);
  }
}

// From here on the old head is none, and a mount finds the next one.
void Volume::pass_head(uint32_t next) {
  mark_next_head(read_record(window_, next));
  window_.program(log_.head + kMagic + 1, kMagicPassed >> 8);
  take_over(next, sector_of(log_.head));
}

// The next head becomes the head; sectors from `sector` up to its own are erased.
void Volume::take_over(uint32_t next, uint32_t sector) {
  clobber(sector_of(next), next);
  while (sector != sector_of(next)) {
    window_.erase(sector);
    sector += kSectorBytes;
    if (sector == window_.size()) {
      sector = 0;
    }
  }
  window_.program(next, kMagicHead & 0xFF);
  log_.head = next;
}

}  // namespace flashstore::lilotafs
