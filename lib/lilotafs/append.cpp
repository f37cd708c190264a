// The end of the log: every program of a record. FORMAT.md, "Order of programming".
#include <algorithm>
#include <array>

#include "core/bytes.h"
#include "lilotafs/check.h"
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

Error Volume::program(uint32_t address, std::span<const uint8_t> bytes) {
  return window_.program(address, bytes) ? Error::kOk : Error::kIo;
}

Error Volume::set_status(uint32_t record, uint8_t status) {
  return window_.program(record + kStatus, status) ? Error::kOk : Error::kIo;
}

// In two steps: see kStatusDying in FORMAT.md.
Error Volume::bury(uint32_t record, uint8_t status) {
  if (const Error error = set_status(record, status & kStatusDying); error != Error::kOk) {
    return error;
  }
  return set_status(record, kStatusDeleted);
}

// The rest of the tail's sector is erased, unless it is not ours. What is there is buried then.
Error Volume::check_tail() {
  const uint32_t end = round_up(checked_, kSectorBytes);
  if (window_.is_blank(checked_, end)) {
    checked_ = end;
    return Error::kOk;
  }
  const uint8_t header[] = {kMagicRecord & 0xFF, kMagicRecord >> 8, kStatusOpen};
  if (const Error error = program(log_.tail, header); error != Error::kOk) {
    return error;
  }
  return give_up(read_record(window_, log_.tail));
}

// Makes sure that the sectors up to `end` are erased before the log enters them.
Error Volume::prepare(uint32_t end) {
  for (; checked_ < end; checked_ += kSectorBytes) {
    if (!window_.is_blank(checked_, checked_ + kSectorBytes) && !window_.erase(checked_)) {
      return Error::kIo;
    }
  }
  return Error::kOk;
}

// The log goes on at 0.
Error Volume::end_upper_part() {
  if (log_.tail < window_.size()) {
    constexpr std::array<uint8_t, kHeaderBytes> kMarker = {kMagicWrap & 0xFF, kMagicWrap >> 8,
                                                           kStatusWrap};
    if (const Error error = prepare(window_.size()); error != Error::kOk) {
      return error;
    }
    if (const Error error = program(log_.tail, kMarker); error != Error::kOk) {
      return error;
    }
  }
  set_tail(0);
  return Error::kOk;
}

// Begins a record at the tail, or at 0 if it would not fit with `expected` bytes of data.
Error Volume::reserve(std::string_view name, uint32_t expected, Record& record) {
  const uint32_t upper_end = window_.size() - kOriginalTailBytes;
  const uint32_t data = data_address(log_.tail, name);
  if (log_.tail >= log_.head && (data > upper_end || expected > upper_end - data)) {
    if (const Error error = end_upper_part(); error != Error::kOk) {
      return error;
    }
  }
  record = {};
  record.kind = Record::Kind::kOpen;
  record.address = log_.tail;
  record.data = data_address(log_.tail, name);
  record.name_bytes = static_cast<uint8_t>(name.size());
  const uint32_t name_at = record.address + kName;
  if (const Error error = prepare(name_at + record.name_bytes + 1); error != Error::kOk) {
    return error;
  }
  const uint8_t header[] = {kMagicRecord & 0xFF, kMagicRecord >> 8, kStatusOpen};
  if (const Error error = program(record.address, header); error != Error::kOk) {
    return error;
  }
  const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(name.data()), name.size());
  if (const Error error = program(name_at, bytes); error != Error::kOk) {
    return error;
  }
  return window_.program(name_at + record.name_bytes, 0) ? Error::kOk : Error::kIo;
}

// The record and its data stand; it becomes a file in place of `old`, if that is one.
Error Volume::commit(const Record& record, uint32_t old, uint8_t old_status, uint8_t check) {
  uint8_t length[4];
  core::store_word(length, 0, record.length);
  Error error = program(record.address + kLength, length);
  if (error == Error::kOk && check != kCheckErased) {
    error = program(record.address + kCheck, {&check, 1});
  }
  if (error == Error::kOk && old != kNowhere && old_status != kStatusMigrating) {
    error = set_status(old, kStatusMigrating);
  }
  if (error == Error::kOk) {
    error = set_status(record.address, kStatusCommitted);
  }
  if (error == Error::kOk && old != kNowhere) {
    error = bury(old, kStatusMigrating);
  }
  log_.tail = round_up(record.data + record.length, kAlignment);
  return error;
}

// Makes an open record at the tail a dead one that covers all that was written of it, and whatever
// is in front of `end`: erased bytes cannot be told from data.
Error Volume::give_up(const Record& record, uint32_t end) {
  const uint32_t free_end = record.address < log_.head ? sector_of(log_.head) : window_.size();
  uint32_t written = record.address + kHeaderBytes;
  const uint32_t first_data = record.name_ends ? record.data : written;
  for (uint32_t address = written; address < free_end;) {
    // The data were written upwards: a sector without any is, as a rule, behind all of them.
    const uint32_t sector_end = sector_of(address) + kSectorBytes;
    const auto bytes = window_.fetch_up_to(address, sector_end);
    if (bytes.empty()) {
      return Error::kIo;
    }
    for (size_t i = bytes.size(); i > 0; --i) {
      if (bytes[i - 1] != 0xFF) {
        written = address + static_cast<uint32_t>(i);
        break;
      }
    }
    address += static_cast<uint32_t>(bytes.size());
    if (address == sector_end && std::max(written, first_data) + kSectorBytes <= address) {
      break;
    }
  }

  written = std::max(written, end);

  Record dead = record;
  // Until its length was begun nothing depends on the name, which may be torn.
  if (record.length == kLengthOpen || !record.name_ends) {
    dead.data = record.address + kEmptyRecordBytes;
    if (dead.data > window_.size()) {
      dead.data = window_.size();
    } else if (!window_.program(record.address + kName, 0)) {
      return Error::kIo;
    }
  }
  // The original ends a record it cannot go on with by a wrap marker, and deletes it then.
  const Record last = read_record(window_, round_up(written, kAlignment) - kAlignment);
  const bool wraps = last.kind == Record::Kind::kWrap && last.address >= dead.data;
  const uint32_t least = wraps ? last.address - std::min(last.address, dead.data + kAlignment - 1)
                               : written - std::min(written, dead.data);
  dead.length = smallest_within(record.length, least);
  if (dead.length > free_end || dead.data + dead.length > free_end) {
    return Error::kDamaged;
  }
  if (dead.length != record.length) {
    uint8_t length[4];
    core::store_word(length, 0, dead.length);
    if (const Error error = program(record.address + kLength, length); error != Error::kOk) {
      return error;
    }
  }
  const Error error = bury(record.address, kStatusOpen);
  set_tail(round_up(dead.data + dead.length, kAlignment));
  checked_ = round_up(log_.tail, kSectorBytes);  // it was looked at
  if (wraps && last.address == log_.tail) {
    set_tail(0);
  }
  return error;
}

Error Volume::copy_data(uint32_t from, uint32_t bytes, uint32_t to) {
  if (const Error error = prepare(to + bytes); error != Error::kOk) {
    return error;
  }
  for (uint32_t done = 0; done < bytes;) {
    const auto part = window_.fetch_up_to(from + done, from + bytes);
    if (part.empty() || !window_.program(to + done, part)) {
      return Error::kIo;
    }
    done += static_cast<uint32_t>(part.size());
  }
  return Error::kOk;
}

// Moves a file to the tail, with its readers.
Error Volume::copy_file(const Record& file) {
  std::array<char, kMaxNameBytes + 1> name_bytes;
  const std::string_view found = read_name(window_, file);
  std::copy(found.begin(), found.end(), name_bytes.begin());
  const std::string_view name(name_bytes.data(), found.size());
  Place place = tail_place();
  if (!put(place, worst_size(name, file.length))) {
    return Error::kNoSpace;
  }
  Record copy;
  if (const Error error = reserve(name, file.length, copy); error != Error::kOk) {
    return error;
  }
  if (const Error error = copy_data(file.data, file.length, copy.data); error != Error::kOk) {
    return error;
  }
  copy.length = file.length;
  const uint8_t check = file.check == kCheckNone ? kCheckErased : file.check;
  if (const Error error = commit(copy, file.address, file.status, check); error != Error::kOk) {
    return error;
  }
  copy.status = kStatusCommitted;
  index_.remove(file.address);
  index_.add(copy, name);
  for (Descriptor& reader : descriptors_) {
    if (reader.use == Use::kRead && reader.record == file.address) {
      reader.record = copy.address;
      reader.data = copy.data;
    }
  }
  if (writer_.old == file.address) {
    writer_.old = copy.address;
  }
  return Error::kOk;
}

}  // namespace flashstore::lilotafs
