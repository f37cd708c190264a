#include "provision/intel_hex.h"

#include <algorithm>

#include "core/nor_flash.h"

namespace flashstore::provision {
namespace {

constexpr size_t kSectorBytes = core::NorFlash::kSectorBytes;
constexpr size_t kLineBytes = 32;

enum RecordType : uint8_t { kData = 0, kEnd = 1, kUpperAddress = 4 };

void append_byte(std::string& text, uint8_t byte, uint8_t& sum) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  text += kDigits[byte >> 4];
  text += kDigits[byte & 0xF];
  sum = static_cast<uint8_t>(sum + byte);
}

// The sum over all of a record's bytes, its last one included, is 0.
void append_record(std::string& text, RecordType type, uint32_t address,
                   std::span<const uint8_t> bytes) {
  uint8_t sum = 0;
  text += ':';
  append_byte(text, static_cast<uint8_t>(bytes.size()), sum);
  append_byte(text, static_cast<uint8_t>(address >> 8), sum);
  append_byte(text, static_cast<uint8_t>(address), sum);
  append_byte(text, type, sum);
  for (const uint8_t byte : bytes) {
    append_byte(text, byte, sum);
  }
  append_byte(text, static_cast<uint8_t>(-sum), sum);
  text += '\n';
}

}  // namespace

std::string intel_hex(std::span<const uint8_t> flash) {
  std::string text;
  uint32_t upper = 0;  // as at the beginning of a file
  for (size_t sector = 0; sector < flash.size(); sector += kSectorBytes) {
    const auto bytes = flash.subspan(sector, kSectorBytes);
    if (std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0xFF; })) {
      continue;
    }
    const auto address = static_cast<uint32_t>(sector);
    if (address >> 16 != upper) {
      upper = address >> 16;
      const uint8_t digits[] = {static_cast<uint8_t>(upper >> 8), static_cast<uint8_t>(upper)};
      append_record(text, kUpperAddress, 0, digits);
    }
    for (size_t at = 0; at < kSectorBytes; at += kLineBytes) {
      append_record(text, kData, (address + static_cast<uint32_t>(at)) & 0xFFFF,
                    bytes.subspan(at, kLineBytes));
    }
  }
  append_record(text, kEnd, 0, {});
  return text;
}

}  // namespace flashstore::provision
