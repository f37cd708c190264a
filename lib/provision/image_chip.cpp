#include "provision/image_chip.h"

#include <algorithm>

#include "host/quantities.h"

namespace flashstore::provision {
namespace {

constexpr uint32_t kSectorBytes = core::NorFlash::kSectorBytes;
constexpr uint32_t kPageBytes = norsim::kPageBytes;

Problem failed() {
  return refused("chip-failed", "the chip does not answer any more");
}

bool is_blank(std::span<const uint8_t> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0xFF; });
}

}  // namespace

std::optional<Problem> ImageChip::open(uint32_t flash_bytes) {
  if (flash_.size() == flash_bytes) {
    return std::nullopt;
  }
  return refused("other-flash", "the chip has " + host::bytes(flash_.size()) +
                                    ", the plan is for " + host::bytes(flash_bytes));
}

core::Result<std::vector<uint8_t>, Problem> ImageChip::read(uint32_t address, uint32_t bytes) {
  std::vector<uint8_t> content(bytes);
  if (!flash_.read(address, content)) {
    return failed();
  }
  return content;
}

std::optional<Problem> ImageChip::erase(uint32_t address, uint32_t bytes) {
  for (uint32_t at = address; at < address + bytes; at += kSectorBytes) {
    if (!flash_.erase(at)) {
      return failed();
    }
    erased_.insert(at);
  }
  return std::nullopt;
}

std::optional<Problem> ImageChip::write(std::span<const Piece> pieces,
                                        const std::function<void(size_t)>& verified) {
  size_t done = 0;
  for (const Piece& piece : pieces) {
    if (auto problem = write(piece)) {
      return problem;
    }
    const auto same = holds(piece);
    if (!same) {
      return same.error();
    }
    if (!same.value()) {
      return refused("verify-failed",
                     range(piece.address, static_cast<uint32_t>(piece.bytes.size())) +
                         " does not hold what was written");
    }
    verified(++done);
  }
  return std::nullopt;
}

// From the end of each sector to its beginning: what makes something of a sector, be it a signature
// or a magic, is its first word, and there is nothing of it before the rest is there.
std::optional<Problem> ImageChip::write(const Piece& piece) {
  for (size_t at = 0; at < piece.bytes.size(); at += kSectorBytes) {
    const uint32_t sector = piece.address + static_cast<uint32_t>(at);
    // What reads as blank may be so by chance, after an erase that was cut short.
    if (erased_.erase(sector) == 0 && !flash_.erase(sector)) {
      return failed();
    }
    for (uint32_t end = kSectorBytes; end > 0;) {
      const uint32_t begin = end > kPageBytes ? end - kPageBytes : end > 1 ? 1 : 0;
      const auto bytes = piece.bytes.subspan(at + begin, end - begin);
      if (!is_blank(bytes) && !flash_.program(sector + begin, bytes)) {
        return failed();
      }
      end = begin;
    }
  }
  return std::nullopt;
}

core::Result<bool, Problem> ImageChip::holds(const Piece& piece) {
  const auto found = read(piece.address, static_cast<uint32_t>(piece.bytes.size()));
  if (!found) {
    return found.error();
  }
  return std::equal(piece.bytes.begin(), piece.bytes.end(), found.value().begin());
}

}  // namespace flashstore::provision
