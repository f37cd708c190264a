#include "lilotafs/record.h"

#include "core/bytes.h"

namespace flashstore::lilotafs {
namespace {

constexpr uint8_t kMagicHigh = kMagicRecord >> 8;
constexpr uint8_t kRecordLow = kMagicRecord & 0xFF;
constexpr uint8_t kNextHeadLow = kMagicNextHead & 0xFF;
constexpr uint8_t kWrapLow = kMagicWrap & 0xFF;
constexpr uint32_t kLongestName = kMaxNameBytes + 1;  // the original makes such directories

constexpr bool has_bits(uint8_t byte, uint8_t bits) {
  return (byte & bits) == bits;
}
constexpr bool within(uint8_t byte, uint8_t bits) {
  return (byte & ~bits) == 0;
}

// What stands where a magic should, if it is none, nor between two.
Record::Kind torn_kind(std::span<const uint8_t> bytes) {
  const uint8_t low = bytes[kMagic];
  if (has_bits(bytes[kMagic + 1], kMagicHigh)) {
    // A bare 0xFF could become either; a record needs room for itself and the next wrap marker.
    if (has_bits(low, kRecordLow) && (low != 0xFF || bytes.size() > kEmptyRecordBytes)) {
      return Record::Kind::kTornHeader;
    }
    if (has_bits(low, kWrapLow)) {
      return Record::Kind::kTornWrap;
    }
  }
  return Record::Kind::kBroken;
}

// The steps of read_record() are functions of their own lest they take up stack while it reads.

// All but the place of the data and of the next record, if there is a name to look at; else it
// tells what is there instead, and returns false.
[[gnu::noinline]] bool read_header(std::span<const uint8_t> bytes, Record& record) {
  record.magic = bytes[kMagic];
  record.status = bytes[kStatus];
  record.check = bytes[kCheck];
  record.length = core::load_word(bytes, kLength);
  if (all_erased(bytes.first(kHeaderBytes))) {
    record.kind = Record::Kind::kTail;
    return false;
  }

  const bool right_high = bytes[kMagic + 1] == kMagicHigh;
  const bool nameless = bytes.size() == kHeaderBytes || bytes[kName] == 0xFF;
  const bool is_wrap =
      record.status == kStatusWrap && record.length == 0 && (nameless || record.magic == kWrapLow);
  if (right_high && is_wrap) {
    const bool right_low =
        (has_bits(record.magic, kNextHeadLow) && within(record.magic, kWrapLow)) ||
        within(record.magic, kNextHeadLow);
    record.kind = right_low ? Record::Kind::kWrap : Record::Kind::kBroken;
    return false;
  }
  if (!right_high || !within(record.magic, kRecordLow)) {
    record.kind = torn_kind(bytes);
    return false;
  }

  const auto name = bytes.subspan(kHeaderBytes);
  while (record.name_bytes < name.size() && record.name_bytes <= kLongestName &&
         name[record.name_bytes] != 0) {
    ++record.name_bytes;
  }
  record.name_ends = record.name_bytes < name.size() && record.name_bytes <= kLongestName &&
                     (record.name_bytes < kLongestName || name[kLongestName - 1] == '/');
  return true;
}

// What kind of record in a partition of `size` bytes it is, and where the next one is.
[[gnu::noinline]] void judge(uint32_t size, Record& record) {
  if (record.status == kStatusErased || record.status == kStatusOpen) {
    record.kind = record.magic == kRecordLow ? Record::Kind::kOpen : Record::Kind::kBroken;
  } else if (!record.name_ends) {
    // In the last 8 bytes no record has a name; the original begins some there all the same.
    const bool given_up = record.address + kName == size && record.status <= kStatusDying;
    record.kind = given_up ? Record::Kind::kRecord : Record::Kind::kBroken;
    record.data = record.next = size;
  } else if (record.data <= size && record.length <= size - record.data) {
    record.kind = Record::Kind::kRecord;
    record.next = round_up(record.data + record.length, kAlignment);
  } else {
    // The original gives up nameless records with a length that may reach past the end.
    const bool given_up =
        record.name_bytes == 0 && record.status == kStatusDeleted && record.length <= kMaxNameBytes;
    record.kind = given_up ? Record::Kind::kRecord : Record::Kind::kBroken;
    record.next = size;
  }
}

}  // namespace

Record::Record()
    : kind(Kind::kUnreadable),
      magic(0),
      status(0),
      check(0),
      name_bytes(0),
      name_ends(false),
      address(0),
      data(0),
      length(0),
      next(0) {}

Record read_record(Window& window, uint32_t address) {
  Record record;
  record.address = address;
  const std::span<const uint8_t> bytes = window.fetch(address, kHeaderBytes + kLongestName + 1);
  if (bytes.size() >= kHeaderBytes && read_header(bytes, record)) {
    if (record.name_ends) {
      const auto* const name = reinterpret_cast<const char*>(bytes.data() + kName);
      record.data = data_address(address, {name, record.name_bytes});
    }
    judge(window.size(), record);
  }
  return record;
}

std::string_view read_name(Window& window, const Record& record) {
  const auto bytes = window.fetch(record.address + kName, record.name_bytes);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.empty() ? 0u : record.name_bytes};
}

bool is_executable(std::string_view name) {
  uint32_t ending = 0;
  for (const char c : name) {
    ending = ending << 8 | static_cast<uint8_t>(c);
  }
  return name.size() >= 4 && ending == 0x2E62696E;  // ".bin"
}

uint32_t data_address(uint32_t address, std::string_view name) {
  return round_up(address + kHeaderBytes + static_cast<uint32_t>(name.size()) + 1,
                  data_alignment(name));
}

uint32_t worst_size(std::string_view name, uint32_t length) {
  return kHeaderBytes + static_cast<uint32_t>(name.size()) + 1 + length + data_alignment(name) +
         kAlignment;
}

}  // namespace flashstore::lilotafs
