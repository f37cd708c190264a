// A part of a flash chip as a chip of its own: what lies in a partition knows nothing of the rest.
#pragma once

#include "core/nor_flash.h"

namespace flashstore::core {

class FlashRegion final : public NorFlash {
 public:
  // `bytes` from `address` on, both multiples of kSectorBytes, within `chip`, which must outlive
  // this.
  FlashRegion(NorFlash& chip, uint32_t address, uint32_t bytes)
      : chip_(chip), address_(address), bytes_(bytes) {}

  uint32_t size() const override { return bytes_; }

  bool read(uint32_t address, std::span<uint8_t> into) override {
    return has(address, into.size()) && chip_.read(address_ + address, into);
  }
  bool program(uint32_t address, std::span<const uint8_t> bytes) override {
    return has(address, bytes.size()) && chip_.program(address_ + address, bytes);
  }
  bool erase(uint32_t address) override {
    return has(address, kSectorBytes) && chip_.erase(address_ + address);
  }

 private:
  bool has(uint32_t address, size_t bytes) const {
    return address <= bytes_ && bytes <= bytes_ - address;
  }

  NorFlash& chip_;
  uint32_t address_;
  uint32_t bytes_;
};

}  // namespace flashstore::core
