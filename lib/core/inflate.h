// Reads a gzip member (RFC 1952) holding deflated data (RFC 1951) as a stream: compressed bytes are
// pulled from a source, the data goes to a sink in pieces, and of both only what a window holds is
// ever in memory. Strict: whatever the two documents do not allow is an error that names the flaw
// and where it is. Made for chips: no heap, no recursion; an Inflater takes 1.8 KB, the window
// is the caller's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/byte_stream.h"

namespace flashstore::core {

enum class InflateError : uint32_t {
  kNone,
  // the source and the sink
  kSourceFailed,
  kSinkStopped,
  kTruncated,  // the source ended within the member
  // header of the member
  kBadMagic,
  kBadMethod,       // not deflate
  kReservedFlags,   // a flag bit nobody knows the meaning of
  kEmptyExtra,      // only with refuse_empty_extra
  kHeaderChecksum,  // only with check_header_crc
  // blocks
  kBadBlockType,
  kStoredLength,           // a stored block's length and its complement disagree
  kTooManyCodes,           // more than 286 literal/length or 30 distance codes announced
  kRepeatWithoutPrevious,  // the first code length repeats the one before it
  kRepeatTooLong,          // a repetition passes the announced number of code lengths
  kOversubscribedCode,     // more codes of some length than there are
  kIncompleteCode,         // codes left over; only a single code of one bit may do that
  kNoEndOfBlock,           // a block without a code for its end
  kUnusedCode,             // bits that are no code of the block
  kBadLengthSymbol,        // 286 or 287
  kBadDistanceSymbol,      // 30 or 31
  kDistanceBeforeStart,    // a match that begins before the data
  kDistanceBeyondWindow,   // a match further back than max_distance
  kMatchOfFirstByte,       // only with refuse_first_byte
  kTooMuchOutput,          // more than max_output
  // trailer
  kDataChecksum,
  kDataSize,
  kSecondMember,  // what follows looks like another member
  kTrailingData,
};

// A short name for it, for messages and tests: "truncated", "distance-beyond-window", ...
const char* name(InflateError error);

struct InflateOptions {
  // Bytes of a piece for the sink; a power of two, at most the window. Only the last may be
  // shorter.
  uint32_t piece_bytes = 2048;
  uint32_t max_output = UINT32_MAX;
  // How far back a match may reach. Beyond the size of the window none may, whatever this says.
  uint32_t max_distance = 32768;
  // The following differ from RFC 1952. Original devices refuse two things that are perfectly in
  // order, a match that begins with the very first byte of the data and an extra field without
  // content, and do not look at the header's own checksum.
  bool refuse_first_byte = false;
  bool refuse_empty_extra = false;
  bool check_header_crc = true;
};

struct InflateResult {
  InflateError error = InflateError::kNone;
  // Without error the length of the member, which is the whole source. With one the byte of the
  // source that gave the flaw away; the length of the source if a byte is missing.
  size_t input_offset = 0;
  // Bytes of data; with an error those before it, of which the sink has got whole pieces.
  uint32_t output_bytes = 0;
  uint32_t crc = 0;  // of the data; nothing with an error

  bool ok() const { return error == InflateError::kNone; }
};

class Inflater {
 public:
  // `window` is scratch memory of the caller that must live as long as this: a power of two of
  // bytes. The pieces a sink gets lie in it.
  explicit Inflater(std::span<uint8_t> window);
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Reads the one member that `source` consists of. The sink has got all the data when this
  // succeeds; as checksum and size follow at the end of the member, it may also have got all of it
  // when this fails. Every call starts from scratch.
  InflateResult gunzip(ByteSource& source, ByteSink& sink, const InflateOptions& options = {});

 private:
  static constexpr uint32_t kLengthSymbols = 288;   // two of them exist only to complete a code
  static constexpr uint32_t kDistanceSymbols = 32;  // likewise
  static constexpr uint32_t kMaxCodeBits = 15;
  static constexpr uint32_t kLengthFastBits = 8;
  static constexpr uint32_t kDistanceFastBits = 6;

  // A canonical code: how many codes there are of each length, and their symbols in the order of
  // the codes, which is all there is to know. Codes of few bits are also looked up at once:
  // fast[next bits] is symbol | length << 9, or 0 for a longer code or none.
  struct Code {
    uint16_t* fast;
    uint32_t fast_bits;
    uint16_t* symbols;
    std::array<uint16_t, kMaxCodeBits + 1> counts;
  };

  // The first flaw counts; what is done or found after it does not matter.
  bool ok() const { return result_.error == InflateError::kNone; }
  void fail(InflateError error);

  bool refill();
  bool fetch();
  void ensure(uint32_t count);
  void drop(uint32_t count);
  uint32_t take(uint32_t count);

  void header();
  uint32_t header_byte();
  void header_text();
  void blocks();
  void stored_block();
  void coded_block();
  void put(uint32_t byte);
  void match(uint32_t length, uint32_t distance);
  void trailer();
  void trailer_word(uint32_t expected, InflateError error);

  void fixed_codes();
  void dynamic_codes();
  void read_code_lengths(uint32_t total);
  void build(Code& code, const uint8_t* lengths, uint32_t symbols, bool single_allowed);
  uint32_t decode(const Code& code);

  bool make_room();
  bool deliver();
  uint32_t produced() const { return delivered_ + static_cast<uint32_t>(position_ - piece_start_); }

  std::span<uint8_t> window_;
  ByteSource* source_;
  ByteSink* sink_;
  InflateOptions options_;
  InflateResult result_;

  // input: bits_ are taken from the source and not yet used, the next one lowest
  const uint8_t* input_;
  const uint8_t* input_end_;
  size_t fetched_;  // bytes that went into bits_
  uint32_t bits_;
  uint32_t bit_count_;
  bool source_failed_;

  // output: [piece_start_, position_) of the window is not delivered yet
  size_t position_;
  size_t piece_start_;
  size_t room_end_;
  uint32_t delivered_;
  uint32_t crc_;

  Code length_code_;
  Code distance_code_;  // serves the code of the code lengths as well
  std::array<uint16_t, size_t{1} << kLengthFastBits> length_fast_;
  std::array<uint16_t, size_t{1} << kDistanceFastBits> distance_fast_;
  std::array<uint16_t, kLengthSymbols> length_symbols_;
  std::array<uint16_t, kDistanceSymbols> distance_symbols_;
  std::array<uint8_t, kLengthSymbols + kDistanceSymbols> lengths_;
};

}  // namespace flashstore::core
