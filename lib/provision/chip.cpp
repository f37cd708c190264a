#include "provision/chip.h"

namespace flashstore::provision {

core::Result<bool, Problem> Chip::holds_all(std::span<const Piece> pieces) {
  for (const Piece& piece : pieces) {
    const auto same = holds(piece);
    if (!same || !same.value()) {
      return same;
    }
  }
  return true;
}

}  // namespace flashstore::provision
