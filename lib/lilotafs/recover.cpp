// What a mount does about the last use of a partition, should it have been cut short. FORMAT.md,
// "Recovery". Every step leaves something that brings the next mount back here until all is done.
#include <algorithm>
#include <array>

#include "lilotafs/check.h"
#include "lilotafs/volume.h"

namespace flashstore::lilotafs {

// The partition is blank, but for bits of what is to be written.
Error Volume::format(MountReport& report) {
  const std::span<const uint8_t> head(kFirstHead);
  const auto there = window_.fetch(0, static_cast<uint32_t>(head.size()));
  for (size_t i = 0; i < head.size(); ++i) {
    if (there.size() < head.size() || (there[i] & head[i]) != head[i]) {
      return Error::kNoFileSystem;
    }
  }
  // As the original does it, so that it can finish what we began.
  if (!window_.program(0, head.first(kHeaderBytes)) ||
      !window_.program(kHeaderBytes, head.subspan(kHeaderBytes))) {
    return Error::kIo;
  }
  log_ = {};
  set_tail(kEmptyRecordBytes);
  log_.end.kind = Record::Kind::kTail;
  log_.records = 1;
  report.records = 1;
  return Error::kOk;
}

Error Volume::recover(MountReport& report) {
  Error error = recover_tail(report);
  if (error == Error::kOk) {
    error = recover_head(report);
  }
  if (error == Error::kOk) {
    error = erase_dirt(report);
  }
  if (error == Error::kOk) {
    error = bury_dying(report);
  }
  if (error == Error::kOk) {
    error = recover_migrating(report);
  }
  damaged_ = error == Error::kDamaged;
  return damaged_ ? Error::kOk : error;
}

// What the search for the head saw in front of it. The original would take some of it for a head.
Error Volume::erase_dirt(MountReport& report) {
  uint32_t sector = log_.dirt;
  if (log_.tail < log_.head) {
    sector = std::max(sector, round_up(log_.tail, kSectorBytes));
  }
  for (; sector < log_.dirt_end; sector += kSectorBytes) {
    if (!window_.is_blank(sector, sector + kSectorBytes)) {
      report.cases |= MountReport::kDirt;
      if (!window_.erase(sector)) {
        return Error::kIo;
      }
    }
  }
  return Error::kOk;
}

// The original clears all bits of a status at once; it takes some of what may come of it for a wrap
// marker.
Error Volume::bury_dying(MountReport& report) {
  for (uint32_t address = log_.head; log_.dying > 0 && address != log_.tail;) {
    const Record record = read_record(window_, address);
    if (!record.in_chain()) {
      return Error::kIo;
    }
    if (record.dying()) {
      report.cases |= MountReport::kTornStatus;
      --log_.dying;
      if (const Error error = bury(address, record.status); error != Error::kOk) {
        return error;
      }
    }
    address = following(record);
  }
  return Error::kOk;
}

Error Volume::recover_tail(MountReport& report) {
  const uint32_t tail = log_.tail;
  switch (log_.end.kind) {
    case Record::Kind::kOpen:
      return recover_open(log_.end, report);
    case Record::Kind::kTornHeader:
      report.cases |= MountReport::kTornHeader;
      // Nothing was written behind it yet, in sectors that were prepared: otherwise it is none.
      if (const uint32_t next = tail + kEmptyRecordBytes;
          next % kSectorBytes != 0 && next < window_.size() &&
          !window_.is_blank(next, next + kAlignment)) {
        return Error::kDamaged;
      }
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

Error Volume::recover_open(const Record& record, MountReport& report) {
  // Of ours the old version is migrating only when the new one is whole.
  const bool may_be_whole = record.name_ends && log_.migrating > 0 &&
                            record.data < window_.size() &&
                            record.length <= window_.size() - record.data;
  if (!may_be_whole || check_record(window_, record) != CheckResult::kRight) {
    report.cases |= record.name_ends ? MountReport::kUnfinished : MountReport::kNameless;
    return give_up(record);
  }
  std::array<char, kMaxNameBytes + 1> name_bytes;
  const std::string_view found = read_name(window_, record);
  std::copy(found.begin(), found.end(), name_bytes.begin());
  const std::string_view name(name_bytes.data(), found.size());
  Lookup lookup;
  Error error = look_up(name, lookup);
  if (error != Error::kOk) {
    return error;
  }
  if (!lookup.file.migrating()) {
    report.cases |= MountReport::kUnfinished;
    return give_up(record);
  }
  report.cases |= MountReport::kFinished;
  error = set_status(record.address, kStatusCommitted);
  if (error == Error::kOk) {
    error = bury(lookup.file.address, kStatusMigrating);
  }
  Record committed = record;
  committed.status = kStatusCommitted;
  index_.remove(lookup.file.address);
  index_.add(committed, name);
  ++report.committed;
  set_tail(round_up(record.data + record.length, kAlignment));
  return error;
}

// The first bits of a header become those of a dead record. Its magic comes last: until then it is
// as torn as before.
Error Volume::complete_header(uint32_t address) {
  constexpr uint8_t kNothing[4] = {};
  constexpr uint8_t kMagicBytes[] = {kMagicRecord & 0xFF, kMagicRecord >> 8};
  Error error = program(address + kName, std::span(kNothing).first(1));
  if (error == Error::kOk) {
    error = program(address + kLength, kNothing);
  }
  if (error == Error::kOk) {
    error = set_status(address, kStatusDeleted);
  }
  if (error == Error::kOk) {
    error = program(address, kMagicBytes);
  }
  set_tail(address + kEmptyRecordBytes);
  return error;
}

Error Volume::complete_wrap(uint32_t address) {
  const auto bytes = window_.fetch(address, kHeaderBytes);
  if (bytes.size() < kHeaderBytes || (bytes[kStatus] & kStatusWrap) != kStatusWrap ||
      address < log_.head || sector_of(log_.head) == 0) {
    return Error::kDamaged;
  }
  checked_ = round_up(address, kSectorBytes);
  return end_upper_part();
}

Error Volume::recover_head(MountReport& report) {
  const Record head = read_record(window_, log_.head);
  if (!head.is_head()) {
    report.cases |= MountReport::kNextHeadAlone;
    if (head.magic != (kMagicNextHead & 0xFF)) {
      report.cases |= MountReport::kTornMagic;
    }
    // The sectors in front of it were being erased, upwards: all that are not blank, and the last
    // one before them, whose erasing may not have been complete, have to be again.
    const bool at_start = sector_of(log_.head) == 0;
    const uint32_t end = at_start ? window_.size() : sector_of(log_.head);
    const bool behind_tail = at_start || log_.tail < log_.head;
    const uint32_t start = behind_tail ? round_up(log_.tail, kSectorBytes) : 0;
    uint32_t first = log_.dirt != kNowhere && log_.dirt >= start ? log_.dirt : end;
    first = first > start ? first - kSectorBytes : first;
    return take_over(log_.head, first == window_.size() ? 0 : first);
  }
  if (log_.marked == kNowhere) {
    return Error::kOk;
  }

  const Record next = read_record(window_, log_.marked);
  bool live = false;
  for (bool clearing : {false, true}) {
    for (uint32_t address = log_.head; address != log_.marked;) {
      const Record record = read_record(window_, address);
      live = live || record.committed() || record.migrating();
      if (clearing && !live) {
        if (const Error error = clear(record); error != Error::kOk) {
          return error;
        }
      }
      address = following(record);
    }
  }
  if (!live) {
    report.cases |= next.is_head() ? MountReport::kHeadAndHead : MountReport::kHeadAndNextHead;
    return pass_head(log_.marked);
  }
  // Nobody is on the way there; but half-way to it, the original would take it for the end.
  constexpr uint8_t kLow = kMagicNextHead & 0xFF;
  if (next.magic != kLow && (next.magic & kLow) == kLow) {
    report.cases |= MountReport::kTornMagic;
    return window_.program(log_.marked, kLow) ? Error::kOk : Error::kIo;
  }
  return Error::kOk;
}

// Old versions that still stand. Their successor is there, or has been given up.
Error Volume::recover_migrating(MountReport& report) {
  for (uint32_t left = log_.migrating; left > 0; --left) {
    Cursor cursor{.address = log_.head};
    Record file;
    std::string_view found;
    do {
      if (!next_file(cursor, file, found)) {
        return cursor.failed ? Error::kIo : Error::kOk;
      }
    } while (!file.migrating());
    std::array<char, kMaxNameBytes + 1> name_bytes;
    std::copy(found.begin(), found.end(), name_bytes.begin());
    const std::string_view name(name_bytes.data(), found.size());
    Lookup lookup;
    Error error = look_up(name, lookup);
    if (error == Error::kOk && lookup.file.address != file.address) {
      report.cases |= MountReport::kOldDeleted;
      error = bury(file.address, kStatusMigrating);
      index_.remove(file.address);
    } else if (error == Error::kOk) {
      report.cases |= MountReport::kOldRestored;
      error = check_tail();
      for (uint32_t turn = 0; error == Error::kOk; ++turn) {
        Place place = tail_place();
        if (put(place, worst_size(name, file.length))) {
          error = copy_file(read_record(window_, file.address));
          break;
        }
        if (turn == window_.size() / kSectorBytes || reclaim() != Error::kOk) {
          return Error::kOk;  // it is still to be read where it is
        }
        look_up(name, lookup = {});
        file = lookup.file;
        if (!file.migrating()) {
          break;  // it was moved
        }
      }
      ++report.committed;
    }
    if (error != Error::kOk) {
      return error;
    }
  }
  return Error::kOk;
}

}  // namespace flashstore::lilotafs
