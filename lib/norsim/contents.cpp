#include "norsim/contents.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "norsim/random.h"

namespace flashstore::norsim {
namespace {

size_t sectors_in(size_t size) {
  if (size == 0 || size % core::NorFlash::kSectorBytes != 0 || size > UINT32_MAX) {
    throw std::invalid_argument("the size of a flash chip is a number of whole sectors");
  }
  return size / core::NorFlash::kSectorBytes;
}

}  // namespace

const std::shared_ptr<Contents::Sector>& Contents::blank() {
  static const auto sector = [] {
    auto fresh = std::make_shared<Sector>();
    fresh->bytes.fill(0xFF);
    return fresh;
  }();
  return sector;
}

Contents::Contents(uint32_t size) : sectors_(sectors_in(size), blank()) {}

Contents Contents::over(std::span<const uint8_t> bytes) {
  return {std::vector<std::shared_ptr<Sector>>(sectors_in(bytes.size())), bytes};
}

std::span<const uint8_t, Contents::kSectorBytes> Contents::bytes_of(uint32_t address) const {
  const uint32_t index = address / kSectorBytes;
  if (sectors_[index]) {
    return sectors_[index]->bytes;
  }
  return base_.subspan(size_t{index} * kSectorBytes).first<kSectorBytes>();
}

Contents::Sector& Contents::writable(uint32_t address) {
  std::shared_ptr<Sector>& sector = sectors_[address / kSectorBytes];
  if (!sector) {
    auto fresh = std::make_shared<Sector>();
    std::ranges::copy(bytes_of(address), fresh->bytes.begin());
    sector = std::move(fresh);
  } else if (sector.use_count() > 1) {
    sector = std::make_shared<Sector>(*sector);
  }
  return *sector;
}

void Contents::read(uint32_t address, std::span<uint8_t> into) {
  while (!into.empty()) {
    const uint32_t start = address % kSectorBytes;
    const auto piece = into.first(std::min<size_t>(into.size(), kSectorBytes - start));
    std::memcpy(piece.data(), bytes_of(address).data() + start, piece.size());
    if (const auto& sector = sectors_[address / kSectorBytes];
        sector && !sector->unstable.empty()) {
      Sector& changing = writable(address);
      for (size_t i = 0; i < piece.size(); ++i) {
        piece[i] |= changing.unstable[start + i] & next_random(changing.noise);
      }
    }
    address += static_cast<uint32_t>(piece.size());
    into = into.subspan(piece.size());
  }
}

uint8_t Contents::unstable_bits(uint32_t address) const {
  const auto& sector = sectors_[address / kSectorBytes];
  return sector && !sector->unstable.empty() ? sector->unstable[address % kSectorBytes] : 0;
}

std::vector<uint8_t> Contents::bytes() const {
  std::vector<uint8_t> all;
  all.reserve(size());
  for (uint32_t address = 0; address < size(); address += kSectorBytes) {
    const auto sector = bytes_of(address);
    all.insert(all.end(), sector.begin(), sector.end());
  }
  return all;
}

bool Contents::is_blank(uint32_t address) const {
  return std::ranges::equal(bytes_of(address), blank()->bytes);
}

void Contents::program(uint32_t address, std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const uint32_t start = address % kSectorBytes;
    const auto piece = bytes.first(std::min<size_t>(bytes.size(), kSectorBytes - start));
    Sector& sector = writable(address);
    for (size_t i = 0; i < piece.size(); ++i) {
      sector.bytes[start + i] &= piece[i];
    }
    for (size_t i = 0; i < piece.size() && !sector.unstable.empty(); ++i) {
      sector.unstable[start + i] &= piece[i];
    }
    address += static_cast<uint32_t>(piece.size());
    bytes = bytes.subspan(piece.size());
  }
}

void Contents::set(uint32_t address, uint8_t bits) {
  Sector& sector = writable(address);
  const uint32_t at = address % kSectorBytes;
  sector.bytes[at] |= bits;
  if (!sector.unstable.empty()) {
    sector.unstable[at] &= static_cast<uint8_t>(~bits);
  }
}

void Contents::make_unstable(uint32_t address, uint8_t bits, uint64_t seed) {
  Sector& sector = writable(address);
  if (sector.unstable.empty()) {
    sector.unstable.resize(kSectorBytes);
    sector.noise = seed;
  }
  const uint32_t at = address % kSectorBytes;
  sector.unstable[at] |= static_cast<uint8_t>(bits & ~sector.bytes[at]);
}

void Contents::erase(uint32_t address) {
  sectors_[address / kSectorBytes] = blank();
}

}  // namespace flashstore::norsim
