// The bytes of a NOR flash chip, cheap to copy: copies share every sector that neither of them
// changed. A power cut tried out is a copy with the cut write in it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "core/nor_flash.h"

namespace flashstore::norsim {

// Addresses are below size(); the callers check.
class Contents {
 public:
  // A blank chip. `size` is a multiple of core::NorFlash::kSectorBytes and not 0, or
  // std::invalid_argument is thrown.
  explicit Contents(uint32_t size);

  // A chip with these bytes, of a size as above. They stay the caller's and must outlive all
  // copies; they never change: an overlay.
  static Contents over(std::span<const uint8_t> bytes);

  uint32_t size() const { return static_cast<uint32_t>(sectors_.size() * kSectorBytes); }

  // An unstable bit reads as 0 one time and as 1 another.
  void read(uint32_t address, std::span<uint8_t> into);

  // What a byte reads as if all its unstable bits read as 0.
  uint8_t at(uint32_t address) const { return bytes_of(address)[address % kSectorBytes]; }
  uint8_t unstable_bits(uint32_t address) const;
  // All bytes, as at() has them.
  std::vector<uint8_t> bytes() const;

  // Whether every bit of the sector of `address` reads as 1, always.
  bool is_blank(uint32_t address) const;

  // Each byte becomes `old & new`; bits turned to 0 are so for good.
  void program(uint32_t address, std::span<const uint8_t> bytes);
  // Bits of a byte that are 0 turn to 1, as only an erase may do it.
  void set(uint32_t address, uint8_t bits);
  // Bits of a byte that are 0 no longer always read so. Which time they do follows from `seed`.
  void make_unstable(uint32_t address, uint8_t bits, uint64_t seed);
  // The whole sector of `address`.
  void erase(uint32_t address);

 private:
  static constexpr uint32_t kSectorBytes = core::NorFlash::kSectorBytes;

  struct Sector {
    std::array<uint8_t, kSectorBytes> bytes;
    std::vector<uint8_t> unstable;  // bits of each byte; empty: none
    uint64_t noise = 0;
  };

  static const std::shared_ptr<Sector>& blank();
  Contents(std::vector<std::shared_ptr<Sector>> sectors, std::span<const uint8_t> base)
      : base_(base), sectors_(std::move(sectors)) {}

  std::span<const uint8_t, kSectorBytes> bytes_of(uint32_t address) const;
  Sector& writable(uint32_t address);

  std::span<const uint8_t> base_;
  std::vector<std::shared_ptr<Sector>> sectors_;  // null: as in base_
};

}  // namespace flashstore::norsim
