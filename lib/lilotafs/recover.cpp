// What a mount does about the last use of a partition, should it have been cut short. FORMAT.md,
// "Recovery". Every step leaves something that brings the next mount back here until all is done.
#include <algorithm>
#include <new>

#include "lilotafs/check.h"
#include "lilotafs/volume.h"

namespace flashstore::lilotafs {

// The partition is blank, but for bits of what is to be written.
Error Volume::format(MountReport& report) {
  const std::span<const uint8_t> head(kFirstHead);
  const auto there = window_.fetch(0, Window::kStride);
  for (size_t i = 0; i < head.size(); ++i) {
    if (there.size() < head.size() || (there[i] & head[i]) != head[i]) {
      return Error::kNoFileSystem;
    }
  }
  // As the original does it, so that it can finish what we began.
  window_.program(0, head.first(kHeaderBytes));
  window_.program(kHeaderBytes, head.subspan(kHeaderBytes));
  log_ = {};
  log_.all.end_kind = Record::Kind::kTail;
  log_.all.records = report.records = 1;
  set_tail(kEmptyRecordBytes);
  return flash_error();
}

Error Volume::recover(MountReport& report) {
  Error error = recover_tail(report);
  // The tail never enters the head's sector.
  const uint32_t sector = sector_of(log_.head);
  const bool wraps = log_.tail < log_.head;
  if (wraps && (sector == 0 || log_.tail > sector)) {
    error = Error::kDamaged;
  }
  if (error == Error::kOk) {
    // In front of a log that wraps erase_dirt() does more, up to the head's sector.
    unmask_impostors(wraps ? sector : 0, report);
    recover_head(report);
    erase_dirt(report);
    bury_dying(report);
    error = recover_migrating(report);
  }
  damaged_ = error == Error::kDamaged;
  return damaged_ ? Error::kOk : error;
}

Error Volume::recover_tail(MountReport& report) {
  const uint32_t tail = log_.tail;
  switch (log_.all.end_kind) {
    case Record::Kind::kOpen:
      return recover_open(tail, report);
    case Record::Kind::kTornHeader:
      report.cases |= MountReport::kTornHeader;
      return complete_header(tail);
    case Record::Kind::kTornWrap:
      report.cases |= MountReport::kTornWrap;
      return complete_wrap(tail);
    case Record::Kind::kBroken:
      // A whole sector of dirt is erased when the log gets there.
      return tail % kSectorBytes == 0 ? Error::kOk : Error::kDamaged;
    case Record::Kind::kUnreadable:
      return Error::kIo;
    default:
      return Error::kOk;
  }
}

Error Volume::recover_open(uint32_t address, MountReport& report) {
  Record& record = *new (&new_) Record(read_record(window_, address));
  // Of ours the old version is migrating only when the new one is whole.
  if (record.name_ends && log_.all.migrating > 0 &&
      check_record(window_, record) == CheckResult::kRight) {
    const std::string_view name = name_ = read_name(window_, record);
    if (const Error error = look_up(name); error != Error::kOk) {
      return error;
    }
    const uint32_t end = round_up(record.data + record.length, kAlignment);
    if (found_.file.migrating() && is_free_from(end)) {
      report.cases |= MountReport::kFinished;
      ++report.committed;
      replace(record, name, found_.file.address);
      set_tail(end);
      return flash_error();
    }
  }
  report.cases |= record.name_ends ? MountReport::kUnfinished : MountReport::kNameless;
  return give_up(address);
}

// Nothing was written behind a record that is to be made whole; at most it is a sector of dirt.
bool Volume::is_free_from(uint32_t end) {
  const uint32_t sector_end = round_up(end, kSectorBytes);
  if (end == sector_end && end < window_.size() && end != sector_of(log_.head)) {
    checked_ = end;
    prepare(end + 1);
  }
  return window_.is_blank(end, sector_end);
}

// The first bits of a header become those of a dead record. Its magic comes last: until then it is
// as torn as before.
Error Volume::complete_header(uint32_t address) {
  const uint32_t end = nameless_end(address);
  if (!is_free_from(end)) {
    return Error::kDamaged;
  }
  constexpr uint8_t kMagicBytes[] = {kMagicRecord & 0xFF, kMagicRecord >> 8};
  end_name(address);
  set_length(address, 0);
  set_status(address, kStatusDeleted);
  window_.program(address, kMagicBytes);
  set_tail(end);
  return flash_error();
}

Error Volume::complete_wrap(uint32_t address) {
  const auto bytes = window_.fetch(address, kHeaderBytes);
  if (bytes.size() < kHeaderBytes || (bytes[kStatus] & kStatusWrap) != kStatusWrap ||
      address < log_.head || sector_of(log_.head) == 0) {
    return Error::kDamaged;
  }
  checked_ = round_up(address, kSectorBytes);
  end_upper_part();
  return flash_error();
}

// What does not fit as a head may do so once what its chain ran into has been erased.
void Volume::unmask_impostors(uint32_t from, MountReport& report) {
  if (log_.impostors) {
    report.cases |= MountReport::kDirt;
    clobber(from, log_.head);
  }
}

// The sectors in front of a next head were being erased, upwards: all that are not blank, and the
// last one before them, whose erasing may not have been complete, have to be again.
uint32_t Volume::first_to_erase() const {
  const bool at_start = sector_of(log_.head) == 0;
  const uint32_t end = at_start ? window_.size() : sector_of(log_.head);
  const bool behind_tail = at_start || log_.tail < log_.head;
  const uint32_t start = behind_tail ? round_up(log_.tail, kSectorBytes) : 0;
  uint32_t first = log_.dirt != kNowhere && log_.dirt >= start ? log_.dirt : end;
  first = first > start ? first - kSectorBytes : first;
  return first == window_.size() ? 0 : first;
}

void Volume::recover_head(MountReport& report) {
  const Record head = read_record(window_, log_.head);
  if (!head.is_head()) {
    report.cases |= MountReport::kNextHeadAlone;
    if (head.magic != (kMagicNextHead & 0xFF)) {
      report.cases |= MountReport::kTornMagic;
    }
    take_over(log_.head, first_to_erase());
    return;
  }
  if (log_.all.marked == kNowhere) {
    return;
  }
  bool live = false;
  for (bool clearing : {false, true}) {
    for (uint32_t address = log_.head; address != log_.all.marked && !live;) {
      const Record record = read_record(window_, address);
      if (!record.in_chain()) {
        window_.fail();
        return;
      }
      live = record.committed() || record.migrating();
      if (clearing) {
        clear(record);
      }
      address = following(record);
    }
  }
  const Record next = read_record(window_, log_.all.marked);
  if (live) {
    // Nobody is on the way there; but half-way to it, the original would take it for the end.
    mark_next_head(next);
    return;
  }
  report.cases |= next.is_head() ? MountReport::kHeadAndHead : MountReport::kHeadAndNextHead;
  pass_head(log_.all.marked);
}

// What the search saw between the tail and the head. The original would take some of it for a head.
// In front of a log that does not wrap nothing says that it is free space: it stays.
void Volume::erase_dirt(MountReport& report) {
  if (log_.tail >= log_.head) {
    return;
  }
  uint32_t sector = std::max(log_.dirt, round_up(log_.tail, kSectorBytes));
  for (; sector < log_.dirt_end; sector += kSectorBytes) {
    if (!window_.is_blank(sector, sector + kSectorBytes)) {
      report.cases |= MountReport::kDirt;
      window_.erase(sector);
    }
  }
}

// The original clears all bits of a status at once; it takes some of what may come of it for a wrap
// marker.
void Volume::bury_dying(MountReport& report) {
  for (uint32_t address = log_.head; log_.all.dying > 0 && address != log_.tail;) {
    const Record record = read_record(window_, address);
    if (!record.in_chain()) {
      return;
    }
    if (record.dying()) {
      report.cases |= MountReport::kTornStatus;
      --log_.all.dying;
      bury(address, record.status);
    }
    address = following(record);
  }
}

// Old versions that still stand. Their successor is there, or has been given up.
Error Volume::recover_migrating(MountReport& report) {
  // Each takes a turn, and each time the head has to be moved for it.
  const uint32_t most =
      log_.all.migrating > 0 ? log_.all.migrating + window_.size() / kSectorBytes : 0;
  for (uint32_t turn = 0; turn < most; ++turn) {
    uint32_t address = kNowhere;
    Error error = find_migrating(address);
    if (error != Error::kOk || address == kNowhere) {
      return error;
    }
    error = look_up(name_);
    if (error != Error::kOk) {
      return error;
    }
    if (found_.file.address != address) {
      report.cases |= MountReport::kOldDeleted;
      bury(address, kStatusMigrating);
      index_.remove(address);
      continue;
    }
    report.cases |= MountReport::kOldRestored;
    error = check_tail();
    if (error == Error::kOk) {
      error = copy_file(address);
    }
    if (error == Error::kNoSpace) {
      error = reclaim();
    }
    if (error != Error::kOk) {
      return error == Error::kNoSpace ? Error::kOk : error;  // it is still to be read where it is
    }
  }
  return flash_error();
}

// The first old version that still stands, if there is one; its name is name_.
Error Volume::find_migrating(uint32_t& address) {
  Cursor cursor{.address = log_.head};
  Record file;
  std::string_view found;
  while (next_file(cursor, file, found)) {
    if (file.migrating()) {
      address = file.address;
      name_ = found;
      break;
    }
  }
  return cursor.failed ? Error::kIo : flash_error();
}

}  // namespace flashstore::lilotafs
