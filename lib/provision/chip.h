// The flash of a device, as a plan is brought onto it step by step: a simulated one in a file, or a
// real one behind a serial line. (What has no flash to offer, but a Lua prompt, is no Chip; it
// takes what it can of Plan::contents.)
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "provision/problems.h"

namespace flashstore::provision {

class Chip {
 public:
  // Bytes for whole sectors; memory of the caller.
  struct Piece {
    uint32_t address = 0;
    std::span<const uint8_t> bytes;
  };

  // Makes sure that the device is there and has so much flash. Before anything else.
  virtual std::optional<Problem> open(uint32_t flash_bytes) = 0;

  virtual core::Result<std::vector<uint8_t>, Problem> read(uint32_t address, uint32_t bytes) = 0;

  // Whole sectors.
  virtual std::optional<Problem> erase(uint32_t address, uint32_t bytes) = 0;

  // Erases, programs and verifies one after the other, in this order, and stops at the first that
  // fails: what is behind it is untouched then. A chip that takes long to be talked to gets as many
  // as can be done without looking at anything in between. The first byte of a sector is programmed
  // last where a chip can be told so: what lies there makes an image of what follows. `verified` is
  // told how many of the pieces, from the first on, are there: as soon as that is known, and at the
  // latest when all are.
  virtual std::optional<Problem> write(std::span<const Piece> pieces,
                                       const std::function<void(size_t)>& verified) = 0;

  // Whether it has these bytes; a digest of them will do.
  virtual core::Result<bool, Problem> holds(const Piece& piece) = 0;

  // The same of all of them.
  virtual core::Result<bool, Problem> holds_all(std::span<const Piece> pieces);

  // All is done: what the flash has now may run.
  virtual std::optional<Problem> start() { return std::nullopt; }

 protected:
  ~Chip() = default;
};

}  // namespace flashstore::provision
