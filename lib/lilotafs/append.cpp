// The end of the log: every program of a record. FORMAT.md, "Order of programming".
#include <algorithm>
#include <new>

#include "core/bytes.h"
#include "lilotafs/volume.h"

namespace flashstore::lilotafs {
namespace {

// The smallest value, `least` or more, that needs no bit `current` has not; kNowhere if there is
// none.
uint32_t smallest_within(uint32_t current, uint32_t least) {
  uint32_t value = least;
  while ((value & ~current) != 0) {
    // A bit that cannot be set: carry into the next one, and begin anew below.
    uint32_t bit = 1u << 31;
    while ((value & ~current & bit) == 0) {
      bit >>= 1;
    }
    value = (value | (bit - 1)) + 1;
    if (value == 0) {
      return kNowhere;
    }
  }
  return value;
}

}  // namespace

void Volume::set_status(uint32_t record, uint8_t status) {
  window_.program(record + kStatus, status);
}

void Volume::set_length(uint32_t record, uint32_t length) {
  uint8_t bytes[4];
  core::store_word(bytes, 0, length);
  window_.program(record + kLength, bytes);
}

// In two steps: see kStatusDying in FORMAT.md.
void Volume::bury(uint32_t record, uint32_t status) {
  set_status(record, status & kStatusDying);
  set_status(record, kStatusDeleted);
}

// The rest of the tail's sector is erased, unless it is not ours. What is there is buried then.
Error Volume::check_tail() {
  const uint32_t end = round_up(checked_, kSectorBytes);
  if (window_.is_blank(checked_, end)) {
    checked_ = end;
    return Error::kOk;
  }
  if (!window_.is_blank(log_.tail, std::min(log_.tail + kHeaderBytes, window_.size()))) {
    return Error::kDamaged;  // no power cut leaves a tail like this
  }
  begin_record();
  return give_up(log_.tail);
}

void Volume::begin_record() {
  const uint8_t header[] = {kMagicRecord & 0xFF, kMagicRecord >> 8, kStatusOpen};
  window_.program(log_.tail, header);
}

// Makes sure that the sectors up to `end` are erased before the log enters them.
void Volume::prepare(uint32_t end) {
  for (; checked_ < end; checked_ += kSectorBytes) {
    if (!window_.is_blank(checked_, checked_ + kSectorBytes)) {
      window_.erase(checked_);
    }
  }
}

// The log goes on at 0.
void Volume::end_upper_part() {
  if (log_.tail < window_.size()) {
    constexpr uint8_t kMarker[kHeaderBytes] = {kMagicWrap & 0xFF, kMagicWrap >> 8, kStatusWrap};
    prepare(window_.size());
    window_.program(log_.tail, kMarker);
  }
  set_tail(0);
}

// Begins a record at the tail, or at 0 if it would not fit with `expected` bytes of data.
void Volume::reserve(std::string_view name, uint32_t expected) {
  const uint32_t upper_end = window_.size() - kOriginalTailBytes;
  uint32_t data = data_address(log_.tail, name);
  if (log_.tail >= log_.head && (data > upper_end || expected > upper_end - data)) {
    end_upper_part();
    data = data_address(0, name);
  }
  Record& record = *new (&new_) Record;
  record.address = log_.tail;
  record.data = data;
  record.name_bytes = static_cast<uint32_t>(name.size());
  const uint32_t name_at = record.address + kName;
  prepare(name_at + record.name_bytes + 1);
  begin_record();
  window_.program(name_at, as_bytes(name));
  window_.program(name_at + record.name_bytes, 0);
}

// The record and its data stand; it becomes a file in place of `old`, if that is one.
void Volume::commit(Record& record, std::string_view name, uint32_t check, uint32_t old,
                    uint32_t old_status) {
  set_length(record.address, record.length);
  if (check != kCheckErased && check != kCheckNone) {
    window_.program(record.address + kCheck, static_cast<uint8_t>(check));
  }
  if (old != kNowhere && old_status != kStatusMigrating) {
    set_status(old, kStatusMigrating);
  }
  replace(record, name, old);
  log_.tail = round_up(record.data + record.length, kAlignment);
}

// A whole record counts from here on, and `old` no more.
void Volume::replace(Record& record, std::string_view name, uint32_t old) {
  set_status(record.address, kStatusCommitted);
  record.status = kStatusCommitted;
  if (old != kNowhere) {
    bury(old, kStatusMigrating);
    index_.remove(old);
  }
  index_.add(record, name);
}

// The end of what is not erased in [address, end). The data were written upwards from `data` or a
// place before it: a sector behind that without any is, as a rule, behind all of them.
uint32_t Volume::written_end(uint32_t address, uint32_t data, uint32_t end) {
  uint32_t written = address;
  while (address < end) {
    const uint32_t sector_end = sector_of(address) + kSectorBytes;
    const auto bytes = window_.fetch_up_to(address, sector_end);
    if (bytes.empty()) {
      window_.fail();
      break;
    }
    for (size_t i = bytes.size(); i > 0; --i) {
      if (bytes[i - 1] != 0xFF) {
        written = address + static_cast<uint32_t>(i);
        break;
      }
    }
    address += static_cast<uint32_t>(bytes.size());
    if (address == sector_end && std::max(written, data) + kSectorBytes <= address) {
      break;
    }
  }
  return written;
}

// Where a record ends that has neither name nor data: the original begins some in the last 8 bytes.
uint32_t Volume::nameless_end(uint32_t record) const {
  return std::min(record + kEmptyRecordBytes, window_.size());
}

// Takes its name from a record that is to be dead.
void Volume::end_name(uint32_t record) {
  if (record + kName < window_.size()) {
    window_.program(record + kName, 0);
  }
}

// Makes an open record at the tail a dead one that covers all that was written of it, and whatever
// is in front of `end`: erased bytes cannot be told from data.
Error Volume::give_up(uint32_t address, uint32_t end) {
  const Record& record = *new (&moved_) Record(read_record(window_, address));
  const uint32_t free_end =
      address < log_.head ? std::min(sector_of(log_.head), log_.head - kAlignment) : window_.size();
  const uint32_t name_at = address + kName;
  const uint32_t written =
      std::max(end, written_end(name_at, record.name_ends ? record.data : 0, free_end));
  uint32_t data = record.data;
  // Until its length was begun nothing depends on the name, which may be torn.
  if (record.length == kLengthOpen || !record.name_ends) {
    data = nameless_end(address);
    end_name(address);
  }
  const uint32_t old_length = record.length;
  uint32_t length = smallest_within(old_length, written - std::min(written, data));
  bool wraps = false;
  if (length > free_end || data + length > free_end) {
    // The original ends a record it cannot go on with by a wrap marker, then deletes it.
    const uint32_t marker = round_up(written, kAlignment) - kAlignment;
    new (&moved_) Record(read_record(window_, marker));
    wraps = moved_.kind == Record::Kind::kWrap && marker >= data && address >= log_.head &&
            sector_of(log_.head) > 0;
    length = smallest_within(old_length, marker - std::min(marker, data + kAlignment - 1));
    if (!wraps || round_up(data + length, kAlignment) != marker) {
      return Error::kDamaged;
    }
  }
  const uint32_t tail = round_up(data + length, kAlignment);
  // The length may have bits that reach further than what was looked at.
  const uint32_t seen = round_up(written, kSectorBytes);
  if (!wraps && !window_.is_blank(std::max(tail, seen), round_up(tail, kSectorBytes))) {
    return Error::kDamaged;
  }
  if (length != old_length) {
    set_length(address, length);
  }
  bury(address, kStatusOpen);
  set_tail(tail);
  checked_ = round_up(tail, kSectorBytes);
  if (wraps) {
    set_tail(0);
  }
  return flash_error();
}

void Volume::copy_data(uint32_t from, uint32_t bytes, uint32_t to) {
  prepare(to + bytes);
  for (uint32_t done = 0; done < bytes;) {
    const auto part = window_.fetch_up_to(from + done, from + bytes);
    if (part.empty()) {
      window_.fail();
      return;
    }
    window_.program(to + done, part);
    done += static_cast<uint32_t>(part.size());
  }
}

// Moves a file to the tail, with its readers.
Error Volume::copy_file(uint32_t record) {
  const Record& file = *new (&moved_) Record(read_record(window_, record));
  const std::string_view name = name_ = read_name(window_, file);
  Place place = tail_place();
  if (!put(place, worst_size(name, file.length))) {
    return Error::kNoSpace;
  }
  reserve(name, file.length);
  Record& copy = new_;
  copy_data(file.data, file.length, copy.data);
  copy.length = file.length;
  commit(copy, name, file.check, file.address, file.status);
  for (Descriptor& reader : descriptors_) {
    if (reader.use == Use::kRead && reader.record == file.address) {
      reader.record = copy.address;
      reader.data = copy.data;
    }
  }
  if (writer_.old == file.address) {
    writer_.old = copy.address;
  }
  return flash_error();
}

}  // namespace flashstore::lilotafs
