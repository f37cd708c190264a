#include "support/virtual_chip/flash_reader.h"

#include <algorithm>

#include "core/bytes.h"

namespace flashstore::virtual_chip {

void FlashReader::begin(uint32_t offset, uint32_t bytes, uint32_t block_bytes, uint32_t in_flight) {
  active_ = true;
  offset_ = offset;
  bytes_ = bytes;
  block_bytes_ = block_bytes;
  in_flight_ = in_flight;
  sent_ = 0;
  confirmed_ = 0;
}

void FlashReader::send(Bytes& line) {
  while (active_ && sent_ < bytes_ && sent_ - confirmed_ < uint64_t{in_flight_} * block_bytes_) {
    const uint32_t next = std::min(block_bytes_, bytes_ - sent_);
    append_frame(line, flash_.read(offset_ + sent_, next));
    sent_ += next;
  }
  if (active_ && confirmed_ == bytes_) {
    append_frame(line, flash_.md5(offset_, bytes_));
    active_ = false;
  }
}

void FlashReader::confirm(std::span<const uint8_t> frame) {
  if (frame.size() == 4) {
    confirmed_ = std::clamp(core::load_word(frame, 0), confirmed_, sent_);
  }
}

}  // namespace flashstore::virtual_chip
