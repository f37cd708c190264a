// Frames of the serial line: 0xC0 at both ends, 0xC0 and 0xDB inside escaped (RFC 1055).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace flashstore::virtual_chip {

using Bytes = std::vector<uint8_t>;

inline constexpr uint8_t kSlipEnd = 0xC0;

class SlipDecoder {
 public:
  // The frame that ends with this byte, if one does. Bytes between frames are noise and skipped, as
  // is a frame with a bad escape.
  std::optional<Bytes> push(uint8_t byte);
  void reset() { *this = {}; }
  bool in_frame() const { return state_ == State::kInside || state_ == State::kEscaped; }

 private:
  enum class State : uint8_t { kOutside, kInside, kEscaped };

  State state_ = State::kOutside;
  Bytes frame_;
};

void append_frame(Bytes& line, std::span<const uint8_t> content);

}  // namespace flashstore::virtual_chip
