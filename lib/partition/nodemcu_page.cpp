#include "partition/nodemcu_page.h"

#include <array>

#include "core/bytes.h"

namespace flashstore::partition {
namespace {

constexpr PageProblem kFlashFailed{PageFlaw::kFlashFailed};

constexpr uint32_t header(uint32_t words, uint32_t id) {
  return words | id << 8;
}

}  // namespace

std::optional<Record> PageScan::next() {
  if (!problem_.ok() || offset_ >= kRecordBytes) {
    return std::nullopt;
  }
  std::array<uint8_t, 4> bytes;
  if (!flash_.read(page_ + offset_, bytes)) {
    problem_ = {PageFlaw::kFlashFailed, offset_};
    return std::nullopt;
  }
  const Record record{offset_, bytes[1], bytes[0]};
  if (record.id == kFree) {
    return std::nullopt;
  }
  if (record.words > kMaxBodyWords) {
    problem_ = {PageFlaw::kBodyLength, offset_};
  } else if (record.end() > kRecordBytes) {
    problem_ = {PageFlaw::kRunsOff, offset_};
  }
  if (!problem_.ok()) {
    return std::nullopt;
  }
  offset_ = record.end();
  return record;
}

bool PageStore::read_word(uint32_t address, uint32_t& word) {
  std::array<uint8_t, 4> bytes;
  const bool ok = flash_.read(address, bytes);
  word = core::load_word(bytes, 0);
  return ok;
}

bool PageStore::program_word(uint32_t address, uint32_t word) {
  std::array<uint8_t, 4> bytes;
  core::store_word(bytes, 0, word);
  return flash_.program(address, bytes);
}

// Finds where a record with a body of so many words can be written.
PageProblem PageStore::make_room(uint32_t words, uint32_t& offset) {
  for (bool collected = false;; collected = true) {
    PageScan scan(flash_, page_);
    while (scan.next()) {
    }
    if (scan.problem().flaw == PageFlaw::kFlashFailed) {
      return scan.problem();
    }
    offset = scan.offset();
    // Behind the end there may be what was being written when power went.
    if (scan.problem().ok() && Record{offset, kFree, words}.end() <= kRecordBytes &&
        is_blank(page_ + offset, page_ + kPageBytes)) {
      return {};
    }
    if (collected) {
      return {PageFlaw::kFull, offset};
    }
    if (const PageProblem problem = collect(); !problem.ok()) {
      return problem;
    }
  }
}

// Makes a record count whose body is there. Unfinished it is nobody's, and then only one bit is
// missing: no torn id is that of another record.
bool PageStore::commit_record(const Record& record) {
  for (const uint32_t id : {record.id | kUnfinishedBit, record.id}) {
    if (!program_word(page_ + record.offset, header(record.words, id))) {
      return false;
    }
  }
  return true;
}

PageProblem PageStore::read_table(Table& table) {
  PageScan scan(flash_, page_);
  while (const auto record = scan.next()) {
    if (record->id != kPartitionTable) {
      continue;
    }
    if (record->words == 0 || record->words % kEntryWords != 0) {
      return {PageFlaw::kTableLength, record->offset};
    }
    table.count = 0;
    table.firmware_end.reset();
    for (uint32_t at = record->body(); at < record->end(); at += kEntryWords * 4) {
      std::array<uint8_t, kEntryWords * 4> bytes;
      if (!flash_.read(page_ + at, bytes)) {
        return kFlashFailed;
      }
      table.add({core::load_word(bytes, 0), core::load_word(bytes, 4), core::load_word(bytes, 8)});
    }
    if (const Partition& last = table.entries[table.count - 1]; last.type == kEndMarker) {
      table.firmware_end = last.address;
      --table.count;
    }
    return {};
  }
  return scan.problem().ok() ? PageProblem{PageFlaw::kNoTable, scan.offset()} : scan.problem();
}

PageProblem PageStore::replace_table(const Table& table) {
  const uint32_t entries = table.count + (table.firmware_end ? 1 : 0);
  if (entries == 0 || entries > kMaxEntries) {
    return {PageFlaw::kTableLength};
  }
  Record record{0, kPartitionTable, entries * kEntryWords};
  if (const PageProblem problem = make_room(record.words, record.offset); !problem.ok()) {
    return problem;
  }
  for (uint32_t i = 0; i < entries; ++i) {
    const Partition entry =
        i < table.count ? table.entries[i] : Partition{kEndMarker, *table.firmware_end, 0};
    std::array<uint8_t, kEntryWords * 4> bytes;
    core::store_word(bytes, 0, entry.type);
    core::store_word(bytes, 4, entry.address);
    core::store_word(bytes, 8, entry.bytes);
    if (!flash_.program(page_ + record.body() + i * kEntryWords * 4, bytes)) {
      return kFlashFailed;
    }
  }
  if (!commit_record(record)) {
    return kFlashFailed;
  }
  // The first table is in force until it is deleted, so others in between go before it does.
  for (;;) {
    PageScan scan(flash_, page_);
    Record old;
    while (const auto found = scan.next()) {
      if (found->id == kPartitionTable && found->offset < record.offset) {
        old = *found;
      }
    }
    if (!scan.problem().ok()) {
      return scan.problem();
    }
    if (old.id != kPartitionTable) {
      return {};
    }
    if (!program_word(page_ + old.offset, header(old.words, kDeleted))) {
      return kFlashFailed;
    }
  }
}

}  // namespace flashstore::partition
