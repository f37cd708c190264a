// Clears away what a page no longer needs. Erasing it is the one moment when all would be lost, so
// what lives is written to the backup first (FORMAT.md, "Backup").
#include <algorithm>
#include <array>

#include "core/crc32.h"
#include "partition/nodemcu_page.h"

namespace flashstore::partition {
namespace {

constexpr PageProblem kFlashFailed{PageFlaw::kFlashFailed};

using Chunk = std::array<uint8_t, 64>;

bool blank(std::span<const uint8_t> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0xFF; });
}

}  // namespace

bool PageStore::is_blank(uint32_t begin, uint32_t end) {
  Chunk chunk;
  for (uint32_t at = begin; at < end;) {
    const auto piece = std::span(chunk).first(std::min<size_t>(chunk.size(), end - at));
    if (!flash_.read(at, piece) || !blank(piece)) {
      return false;
    }
    at += static_cast<uint32_t>(piece.size());
  }
  return true;
}

bool PageStore::copy(uint32_t from, uint32_t to, uint32_t bytes) {
  Chunk chunk;
  for (uint32_t at = 0; at < bytes;) {
    const auto piece = std::span(chunk).first(std::min<size_t>(chunk.size(), bytes - at));
    if (!flash_.read(from + at, piece) || (!blank(piece) && !flash_.program(to + at, piece))) {
      return false;
    }
    at += static_cast<uint32_t>(piece.size());
  }
  return true;
}

// What the commit word of a complete backup is.
bool PageStore::backup_sum(uint32_t& sum) {
  Chunk chunk;
  sum = 0;
  for (uint32_t at = 0; at < kCommitOffset;) {
    const auto piece = std::span(chunk).first(std::min<size_t>(chunk.size(), kCommitOffset - at));
    if (!flash_.read(backup_ + at, piece)) {
      return false;
    }
    sum = core::crc32(piece, sum);
    at += static_cast<uint32_t>(piece.size());
  }
  return true;
}

PageProblem PageStore::recover() {
  uint32_t found = 0;
  uint32_t sum = 0;
  if (!read_word(backup_ + kCommitOffset, found) || !backup_sum(sum)) {
    return kFlashFailed;
  }
  return found == sum ? finish_collecting() : PageProblem{};
}

PageProblem PageStore::collect() {
  if (!flash_.erase(backup_)) {
    return kFlashFailed;
  }
  PageScan scan(flash_, page_);
  uint32_t to = backup_;
  while (const auto record = scan.next()) {
    bool live = false;
    if (!is_live(*record, live)) {
      return kFlashFailed;
    }
    if (live) {
      const uint32_t bytes = record->end() - record->offset;
      if (!copy(page_ + record->offset, to, bytes)) {
        return kFlashFailed;
      }
      to += bytes;
    }
  }
  if (scan.problem().flaw == PageFlaw::kFlashFailed) {
    return kFlashFailed;
  }
  uint32_t sum = 0;
  if (!backup_sum(sum) || !program_word(backup_ + kCommitOffset, sum)) {
    return kFlashFailed;
  }
  return finish_collecting();
}

PageProblem PageStore::finish_collecting() {
  // Not committed any more when it is erased: an erase that hardly began leaves bits that read as
  // before one time and not another.
  const bool done = flash_.erase(page_) && copy(backup_, page_, kRecordBytes) &&
                    program_word(backup_ + kCommitOffset, 0) && flash_.erase(backup_);
  return done ? PageProblem{} : kFlashFailed;
}

// Whether a record is kept. false: the flash failed.
bool PageStore::is_live(const Record& record, bool& live) {
  live = record.id != kDeleted && !(record.id & kUnfinishedBit);
  if (record.id != kReflash) {
    return true;
  }
  uint32_t state = 0;
  if (!read_word(page_ + record.body(), state)) {
    return false;
  }
  live = is_under_way(record, state);
  return true;
}

}  // namespace flashstore::partition
