// The partition through the caller's buffer: one read serves all that lies close together.
#pragma once

#include <cstdint>
#include <span>

#include "core/nor_flash.h"

namespace flashstore::lilotafs {

// Nothing but FF.
bool all_erased(std::span<const uint8_t> bytes);

class Window {
 public:
  // What a fetch() reads at a time: a header, its name and, as a rule, the next ones.
  static constexpr uint32_t kStride = 256;

  Window(core::NorFlash& flash, std::span<uint8_t> buffer) : flash_(flash), buffer_(buffer) {}

  uint32_t size() const { return flash_.size(); }

  // At least `bytes` (up to kStride) from `address` on, fewer only at the end of the partition;
  // empty if the flash failed. Good until the next call of anything here.
  std::span<const uint8_t> fetch(uint32_t address, uint32_t bytes);
  // As many as there are, up to the whole buffer but not past `end`.
  std::span<const uint8_t> fetch_up_to(uint32_t address, uint32_t end);

  // Nothing but FF in [address, end), as far as one can tell; false if the flash failed.
  bool is_blank(uint32_t address, uint32_t end);

  // Past the buffer.
  bool read(uint32_t address, std::span<uint8_t> into) { return flash_.read(address, into); }
  // Once one of these has failed, none does anything until recover(): what follows relies on what
  // came before.
  void program(uint32_t address, std::span<const uint8_t> bytes);
  void program(uint32_t address, uint8_t byte);
  void erase(uint32_t address);
  void fail() { failed_ = true; }
  bool failed() const { return failed_; }
  void recover() { failed_ = false; }
  uint32_t erases() const { return erases_; }  // so far

 private:
  void load(uint32_t address, uint32_t bytes);
  std::span<const uint8_t> held(uint32_t address) const {
    return {buffer_.data() + (address - address_), bytes_ - (address - address_)};
  }

  core::NorFlash& flash_;
  std::span<uint8_t> buffer_;
  uint32_t address_ = 0;  // of what the buffer holds
  uint32_t bytes_ = 0;
  uint32_t erases_ = 0;
  uint32_t failed_ = false;
};

}  // namespace flashstore::lilotafs
