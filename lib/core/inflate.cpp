#include "core/inflate.h"

#include <algorithm>

#include "core/crc32.h"

namespace flashstore::core {
namespace {

// --- gzip (RFC 1952, section 2.3) ---
constexpr uint32_t kMagic0 = 0x1F;
constexpr uint32_t kMagic1 = 0x8B;
constexpr uint32_t kDeflate = 8;
constexpr uint32_t kFlagHeaderCrc = 1u << 1;
constexpr uint32_t kFlagExtra = 1u << 2;
constexpr uint32_t kFlagName = 1u << 3;
constexpr uint32_t kFlagComment = 1u << 4;
constexpr uint32_t kFlagsReserved = 0xE0;
constexpr uint32_t kTimeAndSystemBytes = 6;

// --- deflate (RFC 1951, section 3.2) ---
constexpr uint32_t kEndOfBlock = 256;
constexpr uint32_t kMaxLengthCodes = 286;
constexpr uint32_t kMaxDistanceCodes = 30;
constexpr uint32_t kMinMatch = 3;
constexpr uint32_t kMaxMatch = 258;
constexpr uint32_t kCodeLengthSymbols = 19;
constexpr std::array<uint8_t, kCodeLengthSymbols> kCodeLengthOrder = {
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

constexpr uint32_t kSymbolBits = 9;
constexpr uint32_t kNoSymbol = (1u << kSymbolBits) - 1;  // none of any code

constexpr uint32_t low_bits(uint32_t count) {
  return (1u << count) - 1;
}

constexpr uint32_t reversed(uint32_t value, uint32_t count) {
  uint32_t result = 0;
  for (; count > 0; --count, value >>= 1) {
    result = result << 1 | (value & 1);
  }
  return result;
}

static_assert(sizeof(Inflater) <= 1920);

}  // namespace

Inflater::Inflater(std::span<uint8_t> window) : window_(window) {
  length_code_.fast = length_fast_.data();
  length_code_.fast_bits = kLengthFastBits;
  length_code_.symbols = length_symbols_.data();
  distance_code_.fast = distance_fast_.data();
  distance_code_.fast_bits = kDistanceFastBits;
  distance_code_.symbols = distance_symbols_.data();
}

InflateResult Inflater::gunzip(ByteSource& source, ByteSink& sink, const InflateOptions& options) {
  source_ = &source;
  sink_ = &sink;
  options_ = options;
  options_.max_distance = std::min(options.max_distance, static_cast<uint32_t>(window_.size()));
  result_ = {};
  input_ = input_end_ = nullptr;
  fetched_ = bits_ = bit_count_ = 0;
  source_failed_ = false;
  position_ = piece_start_ = room_end_ = delivered_ = crc_ = 0;

  header();
  if (ok()) {
    blocks();
  }
  if (ok()) {
    trailer();
  }
  if (ok()) {
    result_ = {InflateError::kNone, fetched_, delivered_, crc_};
  }
  return result_;
}

void Inflater::fail(InflateError error) {
  if (ok()) {
    // All bytes of which a bit was used; where bytes ran out there is nothing left, and the next is
    // missing.
    const size_t used = fetched_ - bit_count_ / 8;
    result_ = {error, used - 1, produced(), 0};
    if (error == InflateError::kTruncated) {
      result_.input_offset = fetched_;
      if (source_failed_) {
        result_.error = InflateError::kSourceFailed;
      }
    }
  }
}

// --- input ---

// Gets the next bytes from the source. false: there are none.
bool Inflater::refill() {
  if (source_failed_) {
    return false;
  }
  const auto piece = source_->next();
  if (!piece) {
    source_failed_ = true;
    return false;
  }
  input_ = piece->data();
  input_end_ = input_ + piece->size();
  return !piece->empty();
}

// One more byte into bits_, which has place for it. false: there is none.
inline bool Inflater::fetch() {
  if (input_ == input_end_ && !refill()) {
    return false;
  }
  bits_ |= uint32_t{*input_++} << bit_count_;
  bit_count_ += 8;
  ++fetched_;
  return true;
}

// Makes `count` bits, at most 16, ready to be dropped.
void Inflater::ensure(uint32_t count) {
  while (bit_count_ < count) {
    if (!fetch()) {
      fail(InflateError::kTruncated);
      return;
    }
  }
}

void Inflater::drop(uint32_t count) {
  bits_ >>= count;
  bit_count_ -= count;
}

uint32_t Inflater::take(uint32_t count) {
  ensure(count);
  if (!ok()) {
    return 0;
  }
  const uint32_t value = bits_ & low_bits(count);
  drop(count);
  return value;
}

// --- output ---

// Hands the piece over, if there is anything in it.
bool Inflater::deliver() {
  const auto piece = window_.subspan(piece_start_, position_ - piece_start_);
  if (!piece.empty()) {
    crc_ = crc32(piece, crc_);
    delivered_ += static_cast<uint32_t>(piece.size());
    piece_start_ = position_;
    if (!sink_->take(piece)) {
      fail(InflateError::kSinkStopped);
    }
  }
  return ok();
}

// Called when position_ has come to room_end_ and there is more to write. false: there must not be.
bool Inflater::make_room() {
  const uint32_t allowed = options_.max_output - produced();
  if (allowed == 0) {
    fail(InflateError::kTooMuchOutput);
    return false;
  }
  if (!deliver()) {
    return false;
  }
  position_ &= window_.size() - 1;
  piece_start_ = position_;
  room_end_ = position_ + std::min(options_.piece_bytes, allowed);
  return true;
}

void Inflater::put(uint32_t byte) {
  if (position_ != room_end_ || make_room()) {
    window_[position_++] = static_cast<uint8_t>(byte);
  }
}

// --- blocks ---

void Inflater::blocks() {
  uint32_t last = 0;
  while (last == 0 && ok()) {
    last = take(1);
    const uint32_t type = take(2);
    if (type == 0) {
      stored_block();
    } else if (type == 3) {
      fail(InflateError::kBadBlockType);
    } else {
      if (type == 1) {
        fixed_codes();
      } else {
        dynamic_codes();
      }
      coded_block();
    }
  }
  if (ok()) {
    deliver();
  }
}

void Inflater::stored_block() {
  drop(bit_count_ % 8);
  uint32_t length = take(16);
  if ((length ^ take(16)) != 0xFFFF) {
    fail(InflateError::kStoredLength);
  }
  for (; length > 0 && ok(); --length) {
    const uint32_t byte = take(8);
    if (ok()) {
      put(byte);
    }
  }
}

void Inflater::coded_block() {
  while (ok()) {
    uint32_t symbol = decode(length_code_);
    if (symbol < kEndOfBlock) {
      put(symbol);
      continue;
    }
    if (symbol == kEndOfBlock) {
      return;
    }
    if (symbol >= kMaxLengthCodes) {
      fail(InflateError::kBadLengthSymbol);
      return;
    }
    // From the ninth on, four lengths share a number of extra bits; the last is apart.
    uint32_t length = symbol - (kEndOfBlock + 1);
    if (symbol == kMaxLengthCodes - 1) {
      length = kMaxMatch - kMinMatch;
    } else if (length >= 8) {
      const uint32_t extra_bits = length / 4 - 1;
      length = ((4 + length % 4) << extra_bits) + take(extra_bits);
    }
    // From the fifth on, two distances do.
    uint32_t distance = decode(distance_code_);
    if (distance >= kMaxDistanceCodes) {
      fail(InflateError::kBadDistanceSymbol);
      return;
    }
    if (distance >= 4) {
      const uint32_t extra_bits = distance / 2 - 1;
      distance = ((2 + distance % 2) << extra_bits) + take(extra_bits);
    }
    match(length + kMinMatch, distance + 1);
  }
}

void Inflater::match(uint32_t length, uint32_t distance) {
  const uint32_t behind = produced();
  if (distance > behind) {
    fail(InflateError::kDistanceBeforeStart);
  } else if (distance > options_.max_distance) {
    fail(InflateError::kDistanceBeyondWindow);
  } else if (distance == behind && options_.refuse_first_byte) {
    fail(InflateError::kMatchOfFirstByte);
  }
  while (length > 0 && ok()) {
    if (position_ == room_end_ && !make_room()) {
      return;
    }
    const size_t from = (position_ - distance) & (window_.size() - 1);
    const size_t count =
        std::min(std::min(size_t{length}, room_end_ - position_), window_.size() - from);
    const uint8_t* source = window_.data() + from;
    uint8_t* target = window_.data() + position_;
    for (size_t i = 0; i < count; ++i) {  // in this order: the two may overlap
      target[i] = source[i];
    }
    position_ += count;
    length -= static_cast<uint32_t>(count);
  }
}

// --- codes ---

// The symbol of the next code; kNoSymbol after a flaw.
uint32_t Inflater::decode(const Code& code) {
  while (bit_count_ < kMaxCodeBits && fetch()) {
  }
  const uint32_t entry = code.fast[bits_ & low_bits(code.fast_bits)];
  uint32_t symbol = entry & low_bits(kSymbolBits);
  uint32_t length = entry >> kSymbolBits;
  if (entry == 0) {
    // Codes of one length are consecutive numbers, those of the next begin behind them.
    const uint16_t* symbols = code.symbols;
    uint32_t number = 0;  // of the code, counted from the first one with this length
    do {
      if (++length > kMaxCodeBits) {
        ensure(kMaxCodeBits);
        drop(1);  // the flaw is where the code begins
        fail(InflateError::kUnusedCode);
        return kNoSymbol;
      }
      number -= code.counts[length - 1];
      symbols += code.counts[length - 1];
      number = number << 1 | (bits_ >> (length - 1) & 1);
    } while (number >= code.counts[length]);
    symbol = symbols[number];
  }
  ensure(length);
  if (!ok()) {
    return kNoSymbol;
  }
  drop(length);
  return symbol;
}

// The code in which symbol i has lengths[i] bits, or does not occur if that is 0.
void Inflater::build(Code& code, const uint8_t* lengths, uint32_t symbols, bool single_allowed) {
  const uint32_t fast_size = 1u << code.fast_bits;
  std::fill_n(code.fast, fast_size, uint16_t{0});
  code.counts[0] = 0;
  uint32_t used = 0;
  uint32_t bits = 0;  // the next code
  for (uint32_t length = 1; length <= kMaxCodeBits; ++length) {
    const uint32_t used_before = used;
    for (uint32_t i = 0; i < symbols; ++i) {
      if (lengths[i] != length) {
        continue;
      }
      code.symbols[used++] = static_cast<uint16_t>(i);
      // The stream has a code's first bit lowest, and anything may follow.
      const uint32_t first = length > code.fast_bits ? fast_size : reversed(bits, length);
      for (uint32_t at = first; at < fast_size; at += 1u << length) {
        code.fast[at] = static_cast<uint16_t>(i | length << kSymbolBits);
      }
      ++bits;
    }
    code.counts[length] = static_cast<uint16_t>(used - used_before);
    if (bits > 1u << length) {
      fail(InflateError::kOversubscribedCode);
      return;
    }
    bits <<= 1;
  }
  const bool complete = bits == 2u << kMaxCodeBits;
  if (!complete && !(single_allowed && used == code.counts[1])) {
    fail(InflateError::kIncompleteCode);
  }
}

void Inflater::fixed_codes() {
  for (uint32_t i = 0; i < lengths_.size(); ++i) {
    lengths_[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : i < kLengthSymbols ? 8 : 5;
  }
  build(length_code_, lengths_.data(), kLengthSymbols, false);
  build(distance_code_, lengths_.data() + kLengthSymbols, kDistanceSymbols, false);
}

void Inflater::dynamic_codes() {
  const uint32_t length_codes = take(5) + 257;
  const uint32_t distance_codes = take(5) + 1;
  const uint32_t code_length_codes = take(4) + 4;
  if (length_codes > kMaxLengthCodes || distance_codes > kMaxDistanceCodes) {
    fail(InflateError::kTooManyCodes);
  }
  for (uint32_t i = 0; i < kCodeLengthSymbols; ++i) {
    lengths_[kCodeLengthOrder[i]] = static_cast<uint8_t>(i < code_length_codes ? take(3) : 0);
  }
  build(distance_code_, lengths_.data(), kCodeLengthSymbols, false);
  read_code_lengths(length_codes + distance_codes);
  if (lengths_[kEndOfBlock] == 0) {
    fail(InflateError::kNoEndOfBlock);
  }
  build(length_code_, lengths_.data(), length_codes, true);
  build(distance_code_, lengths_.data() + length_codes, distance_codes, true);
}

// The lengths of both codes in one run, itself coded: a length, or how often the last one or 0 is
// repeated.
void Inflater::read_code_lengths(uint32_t total) {
  uint32_t length = 0;
  for (uint32_t done = 0; done < total && ok();) {
    const uint32_t symbol = decode(distance_code_);
    uint32_t repeat = 1;
    if (symbol < 16) {
      length = symbol;
    } else if (symbol == 16) {
      if (done == 0) {
        fail(InflateError::kRepeatWithoutPrevious);
      }
      repeat = 3 + take(2);
    } else {
      length = 0;
      repeat = symbol == 17 ? 3 + take(3) : 11 + take(7);
    }
    if (repeat > total - done) {
      fail(InflateError::kRepeatTooLong);
      return;
    }
    for (; repeat > 0; --repeat) {
      lengths_[done++] = static_cast<uint8_t>(length);
    }
  }
}

// --- the member around the blocks ---

uint32_t Inflater::header_byte() {
  const auto byte = static_cast<uint8_t>(take(8));
  crc_ = crc32({&byte, 1}, crc_);
  return byte;
}

void Inflater::header_text() {
  while (header_byte() != 0) {
  }
}

void Inflater::header() {
  if (header_byte() != kMagic0 || header_byte() != kMagic1) {
    fail(InflateError::kBadMagic);
  }
  if (header_byte() != kDeflate) {
    fail(InflateError::kBadMethod);
  }
  const uint32_t flags = header_byte();
  if (flags & kFlagsReserved) {
    fail(InflateError::kReservedFlags);
  }
  for (uint32_t i = 0; i < kTimeAndSystemBytes; ++i) {
    header_byte();
  }
  if (flags & kFlagExtra) {
    uint32_t size = header_byte();
    size |= header_byte() << 8;
    if (size == 0 && options_.refuse_empty_extra) {
      fail(InflateError::kEmptyExtra);
    }
    for (; size > 0; --size) {
      header_byte();
    }
  }
  if (flags & kFlagName) {
    header_text();
  }
  if (flags & kFlagComment) {
    header_text();
  }
  if (flags & kFlagHeaderCrc) {
    const uint32_t expected = crc_ & 0xFFFF;
    if (take(16) != expected && options_.check_header_crc) {
      fail(InflateError::kHeaderChecksum);
    }
  }
  crc_ = 0;
}

void Inflater::trailer_word(uint32_t expected, InflateError error) {
  const uint32_t low = take(16);
  if ((take(16) << 16 | low) != expected) {
    fail(error);
  }
}

void Inflater::trailer() {
  drop(bit_count_ % 8);
  trailer_word(crc_, InflateError::kDataChecksum);
  trailer_word(delivered_, InflateError::kDataSize);
  if (bit_count_ > 0 || fetch()) {
    const bool magic =
        take(8) == kMagic0 && (bit_count_ > 0 || fetch()) && (bits_ & 0xFF) == kMagic1;
    fail(magic ? InflateError::kSecondMember : InflateError::kTrailingData);
  } else if (source_failed_) {
    fail(InflateError::kTruncated);
  }
}

}  // namespace flashstore::core
