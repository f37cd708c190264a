// Bytes that come and go in pieces: from a file of a device, from memory, to flash, to a checker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace flashstore::core {

class ByteSource {
 public:
  // The next bytes, as many as the source likes, in memory of the source that stays as it is until
  // the next call. Empty at the end, also when asked again; nullopt if reading failed.
  virtual std::optional<std::span<const uint8_t>> next() = 0;

 protected:
  ~ByteSource() = default;
};

class ByteSink {
 public:
  // Takes the next bytes, valid only during the call. false: the sink wants no more, and whoever
  // feeds it stops.
  virtual bool take(std::span<const uint8_t> piece) = 0;

 protected:
  ~ByteSink() = default;
};

// Bytes in memory, in pieces of at most `piece_bytes` (not 0). The memory is the caller's.
class SpanSource final : public ByteSource {
 public:
  explicit SpanSource(std::span<const uint8_t> bytes, size_t piece_bytes = SIZE_MAX)
      : rest_(bytes), piece_bytes_(piece_bytes) {}

  std::optional<std::span<const uint8_t>> next() override {
    const auto piece = rest_.first(rest_.size() < piece_bytes_ ? rest_.size() : piece_bytes_);
    rest_ = rest_.subspan(piece.size());
    return piece;
  }

 private:
  std::span<const uint8_t> rest_;
  size_t piece_bytes_;
};

}  // namespace flashstore::core
