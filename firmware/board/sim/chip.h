// The flash chip of the simulated board: kept in a file, mapped into memory, and it can lose its
// power.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/nor_flash.h"
#include "flash_window.h"
#include "norsim/flash.h"

namespace flashstore::sim {

struct ChipOptions {
  std::string file;                    // empty: all is lost in the end
  uint32_t bytes = uint32_t{4} << 20;  // of a chip whose file does not exist yet
  std::optional<uint32_t> cut_after;   // so many programs and erases are done, the next is not
  bool stale_cache = false;            // the window shows changes only after invalidate()
};

class Chip final : public core::NorFlash {
 public:
  // Reads the file, or makes it. Throws Failure.
  explicit Chip(const ChipOptions& options);
  ~Chip();

  // What breaks the rules of flash, and a power cut, end the process (stop.h).
  uint32_t size() const override { return flash_.size(); }
  bool read(uint32_t address, std::span<uint8_t> into) override;
  bool program(uint32_t address, std::span<const uint8_t> bytes) override;
  bool erase(uint32_t address) override;

  void invalidate(uint32_t address, uint32_t bytes);
  const FlashWindow& window() const { return window_; }
  const norsim::Counters& counters() const { return flash_.counters(); }

 private:
  void changed(uint32_t address, uint32_t bytes);
  void copy_out(uint32_t address, std::span<uint8_t> into) const;

  FlashWindow window_;
  int file_ = -1;
  norsim::Flash flash_;
  bool stale_cache_;
};

}  // namespace flashstore::sim
