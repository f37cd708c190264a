#include "lilotafs/check.h"

#include "core/bytes.h"

namespace flashstore::lilotafs {
namespace {

bool add_part(Window& window, uint32_t address, uint32_t end, uint8_t& sum) {
  while (address < end) {
    const auto bytes = window.fetch_up_to(address, end);
    if (bytes.empty()) {
      return false;
    }
    sum = add_to_check(sum, bytes);
    address += static_cast<uint32_t>(bytes.size());
  }
  return true;
}

}  // namespace

uint8_t add_to_check(uint8_t sum, std::span<const uint8_t> bytes) {
  for (const uint8_t byte : bytes) {
    sum ^= byte;
    for (int bit = 0; bit < 8; ++bit) {
      sum = static_cast<uint8_t>(sum << 1 ^ (sum & 0x80 ? kCheckPolynomial : 0));
    }
  }
  return sum;
}

uint8_t stored_check(uint8_t sum, uint32_t length) {
  uint8_t bytes[4];
  core::store_word(bytes, 0, length);
  sum = add_to_check(sum, bytes);
  return sum == kCheckErased || sum == kCheckNone ? sum ^ kCheckEscape : sum;
}

CheckResult check_record(Window& window, const Record& record) {
  // Some of the original's dead records reach past the end.
  const uint32_t size = window.size();
  if (record.check == kCheckErased || record.check == kCheckNone || record.data > size ||
      record.length > size - record.data) {
    return CheckResult::kNone;
  }
  uint8_t sum = kCheckInitial;
  const uint32_t name = record.address + kName;
  const bool read = add_part(window, name, name + record.name_bytes, sum) &&
                    add_part(window, record.data, record.data + record.length, sum);
  return read && stored_check(sum, record.length) == record.check ? CheckResult::kRight
                                                                  : CheckResult::kWrong;
}

}  // namespace flashstore::lilotafs
