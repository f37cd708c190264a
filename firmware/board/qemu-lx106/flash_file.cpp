#include "board/qemu-lx106/flash_file.h"

#include <algorithm>
#include <cstring>

#include "board/qemu-lx106/ending.h"
#include "board/qemu-lx106/line.h"
#include "board/qemu-lx106/semihost.h"

namespace flashstore::lx106 {
namespace {

constexpr uint32_t kBlockBytes = 256;

[[noreturn]] void violation(const char* what, uint32_t address) {
  Line().text("flash: ").text(what).text(" at ").hexadecimal(address).print();
  finish(board::kFlashRule);
}

}  // namespace

void FlashFile::open(int file, uint32_t cut_after) {
  file_ = file;
  size_ = file_size(file);
  left_until_cut_ = cut_after;
}

void FlashFile::begin_change() {
  if (left_until_cut_ == 0) {
    lose_power();
  }
  if (left_until_cut_ != kNoCut) {
    left_until_cut_--;
  }
}

bool FlashFile::read(uint32_t address, std::span<uint8_t> into) {
  counters_.read_calls++;
  counters_.read_bytes += into.size();
  return lies_inside(address, into.size()) && read_at(file_, address, into);
}

bool FlashFile::program(uint32_t address, std::span<const uint8_t> bytes) {
  if (!lies_inside(address, bytes.size())) {
    return false;
  }
  begin_change();
  counters_.program_calls++;
  counters_.program_bytes += bytes.size();
  uint8_t old[kBlockBytes];
  uint8_t wanted[kBlockBytes];
  while (!bytes.empty()) {
    const uint32_t count = std::min<uint32_t>(kBlockBytes, bytes.size());
    std::memcpy(wanted, bytes.data(), count);
    if (!read_at(file_, address, {old, count})) {
      return false;
    }
    for (uint32_t i = 0; i < count; i++) {
      if ((wanted[i] & ~old[i]) != 0) {
        violation("programs a bit from 0 to 1", address + i);
      }
    }
    if (!write_at(file_, address, {wanted, count})) {
      return false;
    }
    address += count;
    bytes = bytes.subspan(count);
  }
  return true;
}

bool FlashFile::erase(uint32_t address) {
  if (!lies_inside(address, kSectorBytes)) {
    return false;
  }
  if (address % kSectorBytes != 0) {
    violation("erases from the middle of a sector", address);
  }
  begin_change();
  counters_.erases++;
  uint8_t blank[kBlockBytes];
  std::memset(blank, 0xFF, sizeof blank);
  const uint32_t end = address + kSectorBytes;
  for (; address < end; address += kBlockBytes) {
    if (!write_at(file_, address, blank)) {
      return false;
    }
  }
  return true;
}

}  // namespace flashstore::lx106
