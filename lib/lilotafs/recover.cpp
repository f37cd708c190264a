// What a mount does about the last use of a partition, should it have been cut short. FORMAT.md,
// "Recovery". Every step leaves something that brings the next mount back here until all is done.
#include <algorithm>

#include "lilotafs/check.h"
#include "lilotafs/path.h"
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
  if (error == Error::kOk) {
    recover_head(report);
    erase_dirt(report);
    bury_dying(report);
    error = recover_migrating(report);
  }
  damaged_ = error == Error::kDamaged;
  return damaged_ ? Error::kOk : error;
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
    Cursor cursor{.address = log_.head};
    Record file;
    std::string_view found;
    do {
      if (!next_file(cursor, file, found)) {
        return cursor.failed ? Error::kIo : flash_error();
      }
    } while (!file.migrating());
    const NameCopy name(found);
    Lookup lookup;
    Error error = look_up(name, lookup);
    if (error != Error::kOk) {
      return error;
    }
    if (lookup.file.address != file.address) {
      report.cases |= MountReport::kOldDeleted;
      bury(file.address, kStatusMigrating);
      index_.remove(file.address);
      continue;
    }
    report.cases |= MountReport::kOldRestored;
    error = check_tail();
    if (error == Error::kOk) {
      error = copy_file(read_record(window_, file.address));
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

}  // namespace flashstore::lilotafs
