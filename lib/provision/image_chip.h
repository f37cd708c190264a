// A flash image as a chip: written as a device's flash would be, by the model of it.
#pragma once

#include <set>

#include "norsim/flash.h"
#include "provision/chip.h"

namespace flashstore::provision {

class ImageChip final : public Chip {
 public:
  // `flash` is the caller's.
  explicit ImageChip(norsim::Flash& flash) : flash_(flash) {}

  std::optional<Problem> open(uint32_t flash_bytes) override;
  core::Result<std::vector<uint8_t>, Problem> read(uint32_t address, uint32_t bytes) override;
  std::optional<Problem> erase(uint32_t address, uint32_t bytes) override;
  std::optional<Problem> write(std::span<const Piece> pieces,
                               const std::function<void(size_t)>& verified) override;
  core::Result<bool, Problem> holds(const Piece& piece) override;

 private:
  std::optional<Problem> write(const Piece& piece);

  norsim::Flash& flash_;
  std::set<uint32_t> erased_;  // sectors this has erased, and not written since
};

}  // namespace flashstore::provision
