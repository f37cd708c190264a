#include "diagnosis.h"

#include <algorithm>
#include <array>

#include "lilotafs/chain.h"

namespace flashstore::lilotafs_img {
namespace {

using lilotafs::kSectorBytes;
using lilotafs::MountReport;
using lilotafs::Record;

constexpr size_t kBufferBytes = 4096;

// Where in the log a finding is.
enum class Place : uint8_t { kStart, kHead, kTail, kMigrating, kDying, kDirt };

struct Case {
  MountReport::Case bit;
  Place place;
  const char* id;
  const char* message;
  const char* repair;
  std::array<const char*, 3> cuts;
};

constexpr Case kCases[] = {
    {MountReport::kFormatted,
     Place::kStart,
     "blank",
     "nothing but erased flash",
     "formatted: the head of an empty partition is written",
     {"before the first byte of a format"}},
    {MountReport::kFormatFinished,
     Place::kStart,
     "format-unfinished",
     "a part of the head of an empty partition",
     "the rest of it is written",
     {"format: within the 9 bytes of the head"}},
    {MountReport::kNextHeadAlone,
     Place::kHead,
     "next-head-alone",
     "the head is gone, its successor not yet head",
     "the successor becomes the head",
     {"reclaiming: between the clearing of the old head's magic and the end of the new head's",
      "reclaiming of the original: between the erase of the old head's sector and the end of the "
      "new head's magic"}},
    {MountReport::kHeadAndNextHead,
     Place::kHead,
     "head-moving",
     "the head is about to be given up, its successor is marked",
     "the move is finished",
     {"reclaiming: between marking the next head and the clearing of the old head's magic",
      "reclaiming of the original: between marking the next head and the end of the erase of the "
      "old head's sector"}},
    {MountReport::kHeadAndHead,
     Place::kHead,
     "two-heads",
     "the head has moved, the old one is still marked",
     "the old head's mark is cleared",
     {"reclaiming of the original: between the magic of the new head and the end of the old "
      "one's"}},
    {MountReport::kTornMagic,
     Place::kHead,
     "magic-torn",
     "a magic between two values",
     "the change is finished",
     {"reclaiming: within a byte of a magic"}},
    {MountReport::kTornHeader,
     Place::kTail,
     "header-torn",
     "the first bits of a record's header",
     "they become the header of a dead record",
     {"open, mkdir or a copy: within the 3 bytes of magic and status",
      "open, mkdir or a copy of the original: within the 8 bytes of the header"}},
    {MountReport::kTornWrap,
     Place::kTail,
     "wrap-marker-torn",
     "the first bits of a wrap marker",
     "it is finished",
     {"open, write, mkdir or a copy: within the 8 bytes of a wrap marker"}},
    {MountReport::kNameless,
     Place::kTail,
     "name-unfinished",
     "a record whose name was being written",
     "it is given up; the old version stands",
     {"open, mkdir or a copy: between the header and the end of the name"}},
    {MountReport::kUnfinished,
     Place::kTail,
     "file-unfinished",
     "a file that was being written, or left open",
     "it is given up; the old version stands",
     {"write: anywhere",
      "close, mkdir or a copy: before the old version is marked; if there is none, before the "
      "status"}},
    {MountReport::kFinished,
     Place::kTail,
     "file-uncommitted",
     "the new version of a file, whole, but not committed",
     "it is committed",
     {"close of a file that replaces another, or a copy: between the marking of the old version "
      "and the status of the new one"}},
    {MountReport::kOldRestored,
     Place::kMigrating,
     "old-version-alone",
     "a version about to be replaced, without a new one",
     "it is copied to the end of the log",
     {"open, write or close of the original: before the new version's status",
      "close or a copy, without check bytes: between the marking of the old version and the status "
      "of the new one"}},
    {MountReport::kOldDeleted,
     Place::kMigrating,
     "old-version-left",
     "an old version beside the new one",
     "it is deleted",
     {"close or a copy: between the new version's status and the old one's"}},
    {MountReport::kTornStatus,
     Place::kDying,
     "status-torn",
     "a record between two statuses, on the way to being dead",
     "it is deleted",
     {"remove, close or a copy of the original: within the status of the old version"}},
    {MountReport::kDirt,
     Place::kDirt,
     "free-space-dirty",
     "there is something in free space",
     "it is erased",
     {"reclaiming: within an erase", "a recovery from another cut"}},
    {MountReport::kAmbiguous,
     Place::kHead,
     "head-ambiguous",
     "several places could be the head; the most likely one is taken",
     "",
     {"write: of data that hold records of a partition of this layout"}},
};

// The log as it is before the mount.
struct Before {
  lilotafs::Log log;
  std::optional<Record> migrating;
  std::optional<uint32_t> dying;
  std::string tail_name;
  std::string migrating_name;
};

Before look(const norsim::Contents& partition) {
  norsim::Flash flash(partition);
  std::vector<uint8_t> buffer(kBufferBytes);
  lilotafs::Window window(flash, buffer);
  lilotafs::Index none{std::span<uint8_t>()};
  Before before;
  if (lilotafs::HeadSearch(window, none).run(before.log) != lilotafs::Found::kLog) {
    return before;
  }
  uint32_t address = before.log.head;
  for (uint32_t left = before.log.all.records; left > 0; --left) {
    const Record record = lilotafs::read_record(window, address);
    if (record.migrating()) {
      before.migrating = record;
      before.migrating_name = lilotafs::read_name(window, record);
    }
    if (record.dying() && !before.dying) {
      before.dying = address;
    }
    address = record.next == window.size() ? 0 : record.next;
  }
  const Record end = lilotafs::read_record(window, before.log.tail);
  if (end.kind == Record::Kind::kOpen && end.name_ends) {
    before.tail_name = lilotafs::read_name(window, end);
  }
  return before;
}

Finding finding_of(const Case& found, const Before& before) {
  Finding finding{.id = found.id, .message = found.message, .repair = found.repair};
  for (const char* cut : found.cuts) {
    if (cut != nullptr) {
      finding.cuts.push_back(cut);
    }
  }
  switch (found.place) {
    case Place::kStart:
      finding.offset = 0;
      break;
    case Place::kHead:
      finding.offset = before.log.head;
      break;
    case Place::kTail:
      finding.offset = before.log.tail;
      finding.path = before.tail_name;
      break;
    case Place::kMigrating:
      if (before.migrating) {
        finding.offset = before.migrating->address;
        finding.path = before.migrating_name;
      }
      break;
    case Place::kDying:
      finding.offset = before.dying;
      break;
    case Place::kDirt:
      finding.offset = std::max(before.log.dirt, lilotafs::round_up(before.log.tail, kSectorBytes));
      break;
  }
  return finding;
}

}  // namespace

std::vector<norsim::OperationLog::Entry> mount_operations(norsim::Flash& flash) {
  norsim::OperationLog operations;
  flash.watch(&operations);
  std::vector<uint8_t> buffer(kBufferBytes);
  static_cast<void>(lilotafs::Volume(flash, buffer).mount());
  flash.watch(nullptr);
  return operations.entries();
}

Diagnosis diagnose(const norsim::Contents& partition) {
  norsim::Flash flash(partition);
  norsim::OperationLog operations;
  flash.watch(&operations);
  std::vector<uint8_t> buffer(kBufferBytes);
  lilotafs::Volume volume(flash, buffer);
  const auto report = volume.mount();
  Diagnosis diagnosis{
      .report = {}, .findings = {}, .operations = operations.entries(), .after = flash.contents()};
  if (!report) {
    diagnosis.error = report.error();
    return diagnosis;
  }
  diagnosis.report = report.value();
  const Before before = look(partition);
  for (const Case& found : kCases) {
    if ((report.value().cases & found.bit) != 0) {
      diagnosis.findings.push_back(finding_of(found, before));
    }
  }
  if (diagnosis.findings.empty() && !diagnosis.operations.empty()) {
    diagnosis.findings.push_back(
        {.id = "next-head-idle",
         .message = "a record is marked as the next head, and there are files in front of it",
         .repair = "the mark is completed",
         .cuts = {"reclaiming: within the mark of the next head"},
         .offset = diagnosis.operations.front().address});
  }
  // A name that no file can have: all that is asked is whether anything could be written.
  const auto writable = volume.open("", lilotafs::Volume::Access::kCreate);
  if (!writable.ok() && writable.error() == lilotafs::Error::kDamaged) {
    diagnosis.findings.push_back({.id = "log-broken",
                                  .message = "the log ends in bytes that no power cut explains; "
                                             "what is behind them is lost, nothing can be written",
                                  .repair = "",
                                  .offset = report.value().tail});
  }
  return diagnosis;
}

}  // namespace flashstore::lilotafs_img
