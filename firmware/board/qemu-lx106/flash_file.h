// The flash chip: a file of the host. Programming and erasing change the file alone; the window of
// mapped flash shows it after board::invalidate(), as on a chip whose cache is stale until then.
#pragma once

#include <cstdint>
#include <span>

#include "core/nor_flash.h"

namespace flashstore::lx106 {

struct FlashCounters {
  uint32_t read_calls = 0;
  uint32_t read_bytes = 0;
  uint32_t program_calls = 0;
  uint32_t program_bytes = 0;
  uint32_t erases = 0;
};

class FlashFile final : public core::NorFlash {
 public:
  static constexpr uint32_t kNoCut = UINT32_MAX;

  // `file` is a descriptor. After `cut_after` programs and erases the power goes instead of the
  // next.
  void open(int file, uint32_t cut_after);

  // Programming a 0 bit to 1 ends the run, as does an erase that begins within a sector.
  uint32_t size() const override { return size_; }
  bool read(uint32_t address, std::span<uint8_t> into) override;
  bool program(uint32_t address, std::span<const uint8_t> bytes) override;
  bool erase(uint32_t address) override;

  const FlashCounters& counters() const { return counters_; }

 private:
  bool lies_inside(uint32_t address, uint32_t bytes) const {
    return address <= size_ && bytes <= size_ - address;
  }
  // Before each program and erase.
  void begin_change();

  int file_ = -1;
  uint32_t size_ = 0;
  uint32_t left_until_cut_ = kNoCut;
  FlashCounters counters_;
};

}  // namespace flashstore::lx106
