#include "support/virtual_chip/slip.h"

#include <utility>

namespace flashstore::virtual_chip {
namespace {

constexpr uint8_t kEscape = 0xDB;
constexpr uint8_t kEscapedEnd = 0xDC;
constexpr uint8_t kEscapedEscape = 0xDD;

}  // namespace

std::optional<Bytes> SlipDecoder::push(uint8_t byte) {
  if (byte == kSlipEnd) {
    // An empty frame is the end of one that was lost and the start of the next.
    if (state_ == State::kInside && !frame_.empty()) {
      state_ = State::kOutside;
      return std::exchange(frame_, {});
    }
    state_ = State::kInside;
    frame_.clear();
    return std::nullopt;
  }
  switch (state_) {
    case State::kOutside:
      break;
    case State::kInside:
      if (byte == kEscape) {
        state_ = State::kEscaped;
      } else {
        frame_.push_back(byte);
      }
      break;
    case State::kEscaped:
      if (byte == kEscapedEnd || byte == kEscapedEscape) {
        frame_.push_back(byte == kEscapedEnd ? kSlipEnd : kEscape);
        state_ = State::kInside;
      } else {
        reset();
      }
      break;
  }
  return std::nullopt;
}

void append_frame(Bytes& line, std::span<const uint8_t> content) {
  line.push_back(kSlipEnd);
  for (const uint8_t byte : content) {
    if (byte == kSlipEnd || byte == kEscape) {
      line.push_back(kEscape);
      line.push_back(byte == kSlipEnd ? kEscapedEnd : kEscapedEscape);
    } else {
      line.push_back(byte);
    }
  }
  line.push_back(kSlipEnd);
}

}  // namespace flashstore::virtual_chip
