#include "support/virtual_chip/spi_flash.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "partition/md5.h"

namespace flashstore::virtual_chip {
namespace {

constexpr uint32_t kManufacturer = 0xEF;
constexpr uint32_t kType = 0x40;

[[noreturn]] void fail(const std::string& file) {
  throw std::runtime_error(file + ": " + std::strerror(errno));
}

// Returns the descriptor and fills `bytes`.
int open_chip(const std::string& file, uint32_t size, Bytes& bytes) {
  const int descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  struct stat status {};
  if (descriptor < 0 || fstat(descriptor, &status) != 0) {
    fail(file);
  }
  if (status.st_size == 0) {
    bytes.assign(size, 0xFF);
    if (pwrite(descriptor, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
      fail(file);
    }
    return descriptor;
  }
  bytes.resize(static_cast<size_t>(status.st_size));
  if (!std::has_single_bit(bytes.size())) {
    close(descriptor);
    throw std::runtime_error(file + ": its size is not a power of two, no flash chip");
  }
  if (pread(descriptor, bytes.data(), bytes.size(), 0) != status.st_size) {
    fail(file);
  }
  return descriptor;
}

}  // namespace

SpiFlash::SpiFlash(const std::string& file, uint32_t size, const Faults& faults, Log& log)
    : log_(log),
      cut_at_byte_(faults.cut_at_byte),
      cut_at_erase_(faults.cut_at_erase),
      weak_byte_(faults.weak_byte),
      file_(file.empty() ? -1 : open_chip(file, size, base_)),
      flash_(file.empty() ? norsim::Contents(size) : norsim::Contents::over(base_)) {}

SpiFlash::~SpiFlash() {
  if (file_ >= 0) {
    close(file_);
  }
}

void SpiFlash::store(uint32_t address, uint32_t bytes) {
  if (file_ < 0) {
    return;
  }
  Bytes now(bytes);
  for (uint32_t i = 0; i < bytes; ++i) {
    now[i] = flash_.contents().at(address + i);
  }
  if (pwrite(file_, now.data(), now.size(), address) != static_cast<ssize_t>(now.size())) {
    fail("flash file");
  }
}

template <class Operation>
void SpiFlash::guarded(const Operation& operation) {
  try {
    operation();
  } catch (const norsim::Violation& violation) {
    log_.write("violation", {{"what", violation.what()}});
    throw;
  }
  if (!flash_.has_power()) {
    log_.write("power", {{"state", "cut"}});
  }
}

Bytes SpiFlash::read(uint32_t address, uint32_t bytes) {
  Bytes into(bytes);
  flash_.read(address, into);
  if (weak_byte_ && *weak_byte_ >= address && *weak_byte_ - address < bytes) {
    into[*weak_byte_ - address] ^= 1;
  }
  return into;
}

void SpiFlash::program(uint32_t address, std::span<const uint8_t> bytes) {
  if (!has_power() || bytes.empty()) {
    return;
  }
  if (cut_at_byte_ && *cut_at_byte_ < bytes.size()) {
    flash_.cut_at({.operation = operations_,
                   .where = norsim::Cut::Where::kBefore,
                   .index = static_cast<uint32_t>(*cut_at_byte_)});
    cut_at_byte_.reset();
  } else if (cut_at_byte_) {
    *cut_at_byte_ -= bytes.size();
  }
  log_.write("program", {{"address", address}, {"bytes", bytes.size()}});
  guarded([&] { flash_.program(address, bytes); });
  ++operations_;
  store(address, static_cast<uint32_t>(bytes.size()));
}

void SpiFlash::erase_sector(uint32_t address) {
  if (!has_power()) {
    return;
  }
  if (cut_at_erase_ && (*cut_at_erase_)-- == 0) {
    flash_.cut_at({.operation = operations_, .where = norsim::Cut::Where::kFront});
    cut_at_erase_.reset();
  }
  log_.write("erase", {{"address", address}});
  guarded([&] { flash_.erase(address); });
  ++operations_;
  store(address, kSectorBytes);
}

void SpiFlash::erase_sectors(uint32_t address, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    erase_sector(address + i * kSectorBytes);
  }
}

std::array<uint8_t, 16> SpiFlash::md5(uint32_t address, uint32_t bytes) {
  return partition::md5(read(address, bytes));
}

void SpiFlash::power_cycle() {
  flash_ = norsim::Flash(norsim::Contents(flash_.contents()));
  operations_ = 0;
}

void SpiFlash::reload() {
  if (file_ < 0) {
    return;
  }
  if (pread(file_, base_.data(), base_.size(), 0) != static_cast<ssize_t>(base_.size())) {
    fail("flash file");
  }
  flash_ = norsim::Flash(norsim::Contents::over(base_));
  operations_ = 0;
}

uint32_t SpiFlash::jedec_id() const {
  const auto capacity = static_cast<uint32_t>(std::countr_zero(size()));
  return kManufacturer | kType << 8 | capacity << 16;
}

uint32_t SpiFlash::sfdp(uint32_t address) {
  // JESD216: signature; revision 1.6, two parameter headers; the first JEDEC's, the second the
  // manufacturer's, their tables of 9 and 4 words at 0x80 and 0xC0.
  static constexpr uint32_t kHeaders[] = {
      0x50444653, 0xFF010106, 0x09010600, 0xFF000080, 0x04010000 | kManufacturer, 0xFF0000C0,
  };
  uint32_t word = 0;
  for (uint32_t i = 0; i < 4; ++i) {
    const uint32_t at = address + i;
    const bool in_headers = at < sizeof kHeaders;
    word |= (in_headers ? kHeaders[at / 4] >> at % 4 * 8 & 0xFF : 0xFF) << i * 8;
  }
  return word;
}

}  // namespace flashstore::virtual_chip
