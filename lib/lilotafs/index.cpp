#include "lilotafs/index.h"

#include <algorithm>

#include "core/bytes.h"

namespace flashstore::lilotafs {
namespace {

// An entry: address of the record, length of the data, status, length of the name, name.
constexpr uint32_t kRecordAt = 0;
constexpr uint32_t kLengthAt = 4;
constexpr uint32_t kStatusAt = 8;
constexpr uint32_t kNameBytesAt = 9;
constexpr uint32_t kNameAt = 10;

}  // namespace

void Index::cut_back(uint32_t bytes) {
  bytes_ = bytes;
  if (bytes == 0) {
    complete_ = !memory_.empty();
  }
}

void Index::add(const Record& record, std::string_view name) {
  const auto size = static_cast<uint32_t>(kNameAt + name.size());
  if (!complete_ || memory_.size() - bytes_ < size) {
    complete_ = false;
    return;
  }
  const std::span<uint8_t> entry = memory_.subspan(bytes_, size);
  core::store_word(entry, kRecordAt, record.address);
  core::store_word(entry, kLengthAt, record.length);
  entry[kStatusAt] = record.status;
  entry[kNameBytesAt] = static_cast<uint8_t>(name.size());
  std::copy(name.begin(), name.end(), entry.begin() + kNameAt);
  bytes_ += size;
}

void Index::remove(uint32_t address) {
  for (uint32_t position = 0; position < bytes_;) {
    const uint32_t size = kNameAt + memory_[position + kNameBytesAt];
    if (core::load_word(memory_, position + kRecordAt) == address) {
      uint8_t* const entry = memory_.data() + position;
      std::copy(entry + size, memory_.data() + bytes_, entry);
      bytes_ -= size;
      return;
    }
    position += size;
  }
}

bool Index::next(uint32_t& position, Record& record, std::string_view& name) const {
  if (position >= bytes_) {
    return false;
  }
  const std::span<const uint8_t> entry = memory_.subspan(position);
  record.kind = Record::Kind::kRecord;
  record.address = core::load_word(entry, kRecordAt);
  record.length = core::load_word(entry, kLengthAt);
  record.status = entry[kStatusAt];
  record.name_bytes = entry[kNameBytesAt];
  name = {reinterpret_cast<const char*>(entry.data() + kNameAt), record.name_bytes};
  record.name_ends = true;
  record.data = data_address(record.address, name);
  record.next = round_up(record.data + record.length, kAlignment);
  position += kNameAt + record.name_bytes;
  return true;
}

}  // namespace flashstore::lilotafs
