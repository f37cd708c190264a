#include "luaflash/verify_stream.h"

#include "core/bytes.h"
#include "luaflash/device_rules.h"
#include "luaflash/format.h"
#include "luaflash/relocate.h"
#include "luaflash/string_hash.h"

namespace flashstore::luaflash {
namespace {

using enum StreamFinding;

constexpr uint32_t kHeaderBits = (1u << kHeaderWords) - 1;
constexpr uint32_t kHeaderAddressBits = 1u << kHeaderMain | 1u << kHeaderHashVector;
constexpr uint32_t kFlavourBits = kIntegerBit | kPackedBit;

// Looks at the words of a payload as they come. The bitmap is at the end; until then its buffer
// holds which words may be addresses.
class PayloadCheck final : public core::ByteSink {
 public:
  PayloadCheck(std::span<uint8_t> bitmap, const Target& target)
      : bitmap_(bitmap), target_(target) {}

  // Ends it with a flaw after which the rest would mean nothing. Others are told once the envelope
  // has proved to be in order.
  bool take(std::span<const uint8_t> piece) override {
    for (size_t i = 0; i + kWordBytes <= piece.size(); i += kWordBytes, ++at_) {
      const uint32_t word = core::load_aligned_word(piece, i);
      if (at_ < kHeaderWords) {
        header_[at_] = word;
        if (at_ == kHeaderWords - 1 && !header()) {
          return false;
        }
      } else if (at_ < words_) {
        image_word(word);
      } else if (at_ < payload_words()) {
        bitmap_word(word, at_ - words_);
      } else {
        return wrong_length();
      }
    }
    return true;
  }

  // What can be said when all of the payload was there.
  void finish(uint32_t payload_bytes) {
    const uint32_t main = header_[kHeaderMain];
    if (words_ == 0 || payload_bytes != payload_words() * kWordBytes) {
      wrong_length();
    } else if (strings_left_ > 0 || string_ + kProtoWords > words_) {
      fail(kStrings, kHeaderStringCount);
    } else if (main < string_ || main > words_ - kProtoWords) {
      fail(kMain, kHeaderMain);
    }
  }

  StreamFinding finding() const { return finding_; }
  uint32_t offset() const { return offset_; }
  uint32_t image_bytes() const { return words_ * kWordBytes; }

 private:
  uint32_t payload_words() const { return words_ + bitmap_words(image_bytes()); }

  // Notes the first flaw, at a word of the payload. Always false.
  bool fail(StreamFinding finding, uint32_t word) {
    if (finding_ == kNone) {
      finding_ = finding;
      offset_ = word * kWordBytes;
    }
    return false;
  }

  // Whatever else seemed wrong followed from this.
  bool wrong_length() {
    finding_ = kNone;
    return fail(kPayloadLength, at_);
  }

  bool header();
  void image_word(uint32_t word);
  void bitmap_word(uint32_t word, uint32_t index);

  std::span<uint8_t> bitmap_;
  const Target& target_;
  StreamFinding finding_ = kNone;
  uint32_t offset_ = 0;
  uint32_t at_ = 0;  // of the payload, in words
  uint32_t words_ = 0;
  uint32_t header_[kHeaderWords];
  uint32_t string_ = 0;  // where the next string begins, or those end
  uint32_t strings_left_ = 0;
  uint32_t possible_ = 0;  // the words since the last multiple of 32 that may be addresses
};

bool PayloadCheck::header() {
  const uint32_t signature = header_[kHeaderSignature];
  const uint32_t wrong = signature ^ target_.signature;
  const uint32_t size = header_[kHeaderSize];
  const uint32_t strings = header_[kHeaderStringCount];
  const uint32_t slots = header_[kHeaderHashSlots];
  const uint32_t words = size / kWordBytes;
  StreamFinding found = kNone;
  uint32_t at = kHeaderSignature;
  if ((wrong & kSignatureFixedMask) || (signature & kFlavourBits) == kFlavourBits) {
    found = kSignature;
  } else if (wrong & kVersionMask) {
    found = kUnknownVersion;
  } else if (wrong & kFlavourBits) {
    found = kFlavour;
  } else if (wrong & kInProgressBit) {
    found = kInProgress;
  } else if (wrong) {
    found = kAbsolute;
  } else if (at = kHeaderSize; size > target_.partition_bytes) {
    found = kTooLarge;
  } else if (size % kWordBytes || words < kHeaderWords + kProtoWords) {
    found = kSize;
  } else if (bitmap_words(size) * kWordBytes > bitmap_.size()) {
    found = kNoRoom;
  } else if (at = kHeaderHashVector; header_[kHeaderHashVector] != kHeaderWords) {
    found = kHashVector;
  } else if (at = kHeaderHashSlots; !slots_fit(slots, strings) || slots > words) {
    found = kHashSlots;
  } else {
    words_ = words;
    string_ = kHeaderWords + slots;
    strings_left_ = strings;
    possible_ = kHeaderAddressBits;
    return true;
  }
  return fail(found, at);
}

void PayloadCheck::image_word(uint32_t word) {
  if (strings_left_ > 0 && at_ == string_ + kStringLength) {
    string_ += kStringHeaderWords + word / kWordBytes + 1;
    --strings_left_;
  }
  if (word >= kHeaderWords && word < words_) {
    possible_ |= 1u << at_ % 32;
  }
  if (at_ % 32 == 31 || at_ == words_ - 1) {
    core::store_aligned_word(bitmap_, at_ / 32 * kWordBytes, possible_);
    possible_ = 0;
  }
}

void PayloadCheck::bitmap_word(uint32_t word, uint32_t index) {
  if (index == 0 && (word & kHeaderBits) != kHeaderAddressBits) {
    fail(kHeaderAddresses, at_);
  }
  uint32_t marked = index * 32;
  uint32_t impossible = word & ~core::load_aligned_word(bitmap_, index * kWordBytes);
  if (impossible != 0) {
    for (; (impossible & 1) == 0; impossible >>= 1) {
      ++marked;
    }
    fail(marked < words_ ? kAddress : kBitmapEnd, marked < words_ ? marked : at_);
  }
  core::store_aligned_word(bitmap_, index * kWordBytes, word);
}

}  // namespace

StreamVerdict verify_stream(core::ByteSource& source, core::Inflater& inflater,
                            std::span<uint8_t> bitmap, const Target& target) {
  StreamVerdict verdict;
  if (target.partition_bytes == 0) {
    verdict.finding = kNoPartition;
    return verdict;
  }
  PayloadCheck check(bitmap, target);
  const core::InflateResult result = inflater.gunzip(source, check, kDeviceRules);
  if (!result.ok() && result.error != core::InflateError::kSinkStopped) {
    verdict.finding = kEnvelope;
    verdict.envelope = result.error;
    verdict.offset = static_cast<uint32_t>(result.input_offset);
    return verdict;
  }
  if (result.ok()) {
    check.finish(result.output_bytes);
  }
  verdict.finding = check.finding();
  verdict.offset = check.offset();
  verdict.image_bytes = check.image_bytes();
  if (verdict.ok() && result.input_offset < kMinFileBytes) {
    verdict.finding = kShortFile;
    verdict.offset = static_cast<uint32_t>(result.input_offset);
  }
  return verdict;
}

}  // namespace flashstore::luaflash
