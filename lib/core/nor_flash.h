// The one flash interface: a NOR flash chip or a part of one, as the file system, the loader and
// the tools see it.
#pragma once

#include <cstdint>
#include <span>

namespace flashstore::core {

// Programming clears bits, one by one; only erasing sets them again, a whole sector at a time.
class NorFlash {
 public:
  static constexpr uint32_t kSectorBytes = 4096;

  // Bytes, a multiple of kSectorBytes. Addresses are 0 to size() - 1.
  virtual uint32_t size() const = 0;

  // Each call returns false if it reaches past the end or the chip failed. A call that failed may
  // have done a part of its work: power may have gone.
  virtual bool read(uint32_t address, std::span<uint8_t> into) = 0;

  // Each byte becomes `old & new`. A bit that would have to turn from 0 to 1 is the caller's
  // mistake; what a chip makes of it is undefined.
  virtual bool program(uint32_t address, std::span<const uint8_t> bytes) = 0;

  // Sets the sector that begins at `address`, a multiple of kSectorBytes, to 0xFF.
  virtual bool erase(uint32_t address) = 0;

 protected:
  ~NorFlash() = default;
};

}  // namespace flashstore::core
