#include "support/virtual_chip/flash_writer.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace flashstore::virtual_chip {

void FlashWriter::begin(const Plan& plan) {
  plan_ = plan;
  begun_ = true;
  next_ = 0;
  written_ = 0;
  erased_to_ = plan.offset / SpiFlash::kSectorBytes * SpiFlash::kSectorBytes;
  stream_.reset();
  if (plan.deflated) {
    auto stream = std::make_unique<z_stream>();
    if (inflateInit(stream.get()) != Z_OK) {
      throw std::runtime_error("zlib does not start");
    }
    stream_.reset(stream.release());
  }
}

Refusal FlashWriter::check(uint32_t sequence, std::span<const uint8_t> block) const {
  if (!begun_) {
    return Refusal::kNotBegun;
  }
  if (block.empty() || block.size() > plan_.block_bytes) {
    return Refusal::kBlockSize;
  }
  const bool repeated = next_ > 0 && sequence == next_ - 1;
  const bool expected = sequence == next_ && sequence < plan_.blocks;
  return repeated || expected ? Refusal::kNone : Refusal::kOutOfOrder;
}

Refusal FlashWriter::write(uint32_t sequence, std::span<const uint8_t> block) {
  if (sequence != next_) {
    return Refusal::kNone;
  }
  ++next_;
  if (stream_) {
    return inflate_block(block);
  }
  put(block.first(std::min<size_t>(block.size(), plan_.bytes - written_)));
  return Refusal::kNone;
}

void FlashWriter::put(std::span<const uint8_t> bytes) {
  const uint32_t address = plan_.offset + written_;
  while (plan_.erases && erased_to_ < address + bytes.size()) {
    flash_.erase_sector(erased_to_);
    erased_to_ += SpiFlash::kSectorBytes;
  }
  flash_.program(address, bytes);
  written_ += static_cast<uint32_t>(bytes.size());
}

Refusal FlashWriter::inflate_block(std::span<const uint8_t> block) {
  std::array<uint8_t, SpiFlash::kSectorBytes> out;
  stream_->next_in = const_cast<uint8_t*>(block.data());
  stream_->avail_in = static_cast<uInt>(block.size());
  int result = Z_OK;
  do {
    stream_->next_out = out.data();
    stream_->avail_out = static_cast<uInt>(out.size());
    result = inflate(stream_.get(), Z_NO_FLUSH);
    const size_t got = out.size() - stream_->avail_out;
    if (got > plan_.bytes - written_) {
      return Refusal::kTooLong;
    }
    put(std::span(out).first(got));
  } while (result == Z_OK && stream_->avail_out == 0);
  const bool wants_more = result == Z_OK || result == Z_BUF_ERROR;
  return wants_more || result == Z_STREAM_END ? Refusal::kNone : Refusal::kInflate;
}

Refusal FlashWriter::end() {
  if (!begun_) {
    return Refusal::kNotBegun;
  }
  begun_ = false;
  return written_ < plan_.bytes ? Refusal::kTooShort : Refusal::kNone;
}

}  // namespace flashstore::virtual_chip
