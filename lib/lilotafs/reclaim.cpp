// Moving the head. FORMAT.md, "Moving the head".
#include "lilotafs/volume.h"

namespace flashstore::lilotafs {

// Someone still reads what a move would take away.
bool Volume::pinned(const Record& record) {
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
  for (bool moving : {false, true}) {
    for (uint32_t address = log_.head; address != log_.tail;) {
      const Record record = read_record(window_, address);
      if (!record.in_chain()) {
        return record.kind == Record::Kind::kUnreadable ? Error::kIo : Error::kDamaged;
      }
      if (sector_of(address) != sector) {
        break;
      }
      if (!moving && pinned(record)) {
        return Error::kNoSpace;
      }
      if (moving && (record.committed() || record.migrating())) {
        if (const Error error = copy_file(record); error != Error::kOk) {
          return error;
        }
      }
      address = following(record);
    }
  }

  // All is dead up to the next head; what could be mistaken for one goes.
  Record record;
  for (uint32_t address = log_.head;; address = following(record)) {
    if (address == log_.tail) {
      // There must be something that can be the head.
      Place place = tail_place();
      Record filler;
      if (!put(place, kEmptyRecordBytes + kAlignment)) {
        return Error::kNoSpace;
      }
      Error error = reserve({}, 0, filler);
      if (error == Error::kOk) {
        error = give_up(read_record(window_, filler.address));
      }
      if (error != Error::kOk) {
        return error;
      }
    }
    record = read_record(window_, address);
    if (!record.in_chain()) {
      return record.kind == Record::Kind::kUnreadable ? Error::kIo : Error::kDamaged;
    }
    if (sector_of(address) != sector && record.kind != Record::Kind::kWrap) {
      return pass_head(address);
    }
    if (const Error error = clear(record); error != Error::kOk) {
      return error;
    }
  }
}

// Takes from a dead record what could be mistaken for a head. Sectors that lie in it as a whole get
// a mark, so that one that was not erased can be told from one that was.
Error Volume::clear(const Record& record) {
  const bool wrap = record.kind == Record::Kind::kWrap;
  const uint32_t end = wrap ? window_.size() : record.next;
  // The byte behind a wrap marker is part of what it is known by.
  const uint32_t name_end = record.address + kHeaderBytes + record.name_bytes + 1;
  for (uint32_t at = round_up(name_end, kSectorBytes); at + kSectorBytes <= end;
       at += kSectorBytes) {
    if (!window_.program(at, 0)) {
      return Error::kIo;
    }
  }
  return wrap ? Error::kOk : clobber(record.data, end);
}

// Clears the high byte of everything like a magic in [address, end).
Error Volume::clobber(uint32_t address, uint32_t end) {
  while (address + kAlignment <= end) {
    const auto bytes = window_.fetch_up_to(address, end);
    if (bytes.size() < kAlignment) {
      return Error::kIo;
    }
    uint32_t at = 0;
    while (at + kAlignment <= bytes.size() && bytes[at + kMagic + 1] != kMagicRecord >> 8) {
      at += kAlignment;
    }
    address += at;
    if (at + kAlignment <= bytes.size()) {
      if (!window_.program(address + kMagic + 1, 0)) {
        return Error::kIo;
      }
      address += kAlignment;
    }
  }
  return Error::kOk;
}

// From here on the old head is none, and a mount finds the next one.
Error Volume::pass_head(uint32_t next) {
  const uint32_t sector = sector_of(log_.head);
  const Record record = read_record(window_, next);
  constexpr uint8_t kLow = kMagicNextHead & 0xFF;
  if ((record.magic & kLow) == kLow && record.magic != kLow && !window_.program(next, kLow)) {
    return Error::kIo;
  }
  if (!window_.program(log_.head + kMagic + 1, kMagicPassed >> 8)) {
    return Error::kIo;
  }
  return take_over(next, sector);
}

// The next head becomes the head; sectors from `sector` up to its own are erased.
Error Volume::take_over(uint32_t next, uint32_t sector) {
  if (const Error error = clobber(sector_of(next), next); error != Error::kOk) {
    return error;
  }
  while (sector != sector_of(next)) {
    if (!window_.erase(sector)) {
      return Error::kIo;
    }
    sector += kSectorBytes;
    if (sector == window_.size()) {
      sector = 0;
    }
  }
  if (!window_.program(next, kMagicHead & 0xFF)) {
    return Error::kIo;
  }
  log_.head = next;
  return Error::kOk;
}

}  // namespace flashstore::lilotafs
