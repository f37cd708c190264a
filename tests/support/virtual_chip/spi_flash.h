// The NOR flash chip beside the ESP: obeys norsim's rules, keeps its bytes in a file, logs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "norsim/flash.h"
#include "support/virtual_chip/faults.h"
#include "support/virtual_chip/log.h"
#include "support/virtual_chip/slip.h"

namespace flashstore::virtual_chip {

class SpiFlash {
 public:
  static constexpr uint32_t kSectorBytes = core::NorFlash::kSectorBytes;

  // `file` holds the bytes of the chip after every operation; empty: they are in memory only. One
  // that does not exist is made, blank, of `size` bytes, a power of two; one that does is the chip,
  // whatever its size. Throws std::runtime_error. The log is the caller's.
  SpiFlash(const std::string& file, uint32_t size, const Faults& faults, Log& log);
  SpiFlash(const SpiFlash&) = delete;
  SpiFlash& operator=(const SpiFlash&) = delete;
  ~SpiFlash();

  uint32_t size() const { return flash_.size(); }
  bool holds(uint32_t address, uint32_t bytes) const {
    return address <= size() && bytes <= size() - address;
  }

  // The callers see to it that the flash holds what they name. After a power cut nothing is done,
  // and reading gives zeros. Break a rule of NOR flash, and it is logged and norsim::Violation
  // thrown.
  Bytes read(uint32_t address, uint32_t bytes);
  void program(uint32_t address, std::span<const uint8_t> bytes);
  void erase_sector(uint32_t address);
  void erase_sectors(uint32_t address, uint32_t count);
  std::array<uint8_t, 16> md5(uint32_t address, uint32_t bytes);

  bool has_power() const { return flash_.has_power(); }
  void power_cycle();
  // Another program may have changed the file.
  void reload();

  // Manufacturer in the lowest byte, then type and capacity, as a client reads it.
  uint32_t jedec_id() const;
  // Four bytes of the discoverable parameters from `address` on.
  static uint32_t sfdp(uint32_t address);

 private:
  norsim::Contents load() const;
  void store(uint32_t address, uint32_t bytes);
  template <class Operation>
  void guarded(const Operation& operation);

  Log& log_;
  std::optional<uint64_t> cut_at_byte_;
  std::optional<uint64_t> cut_at_erase_;
  std::optional<uint32_t> weak_byte_;
  Bytes base_;  // what is in the chip lies over it
  int file_ = -1;
  norsim::Flash flash_;
  uint32_t operations_ = 0;  // since power came
};

}  // namespace flashstore::virtual_chip
