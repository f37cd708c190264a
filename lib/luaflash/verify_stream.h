// What a device can know of an image file before it erases anything: read once, through the
// inflater's window (FORMAT.md, "What is checked").
#pragma once

#include <cstdint>
#include <span>

#include "core/byte_stream.h"
#include "core/inflate.h"

namespace flashstore::luaflash {

enum class StreamFinding : uint32_t {
  kNone,
  // the file
  kNoPartition,  // there is no place for any image
  kEnvelope,     // the gzip member: see StreamVerdict::envelope
  kShortFile,    // shorter than devices read
  // the header
  kSignature,       // not an image
  kUnknownVersion,  // of the format
  kInProgress,      // marked as half written
  kAbsolute,        // marked as relocated
  kFlavour,         // for another type of numbers
  kTooLarge,        // for the partition
  kSize,            // is none
  kHashVector,      // is not behind the header
  kHashSlots,       // are not what belongs to the number of strings
  kNoRoom,          // in the caller's buffer for the bitmap
  // the rest of the payload
  kPayloadLength,    // not image and bitmap
  kStrings,          // lead out of the image
  kMain,             // the main Proto is not between the strings and the end of the image
  kHeaderAddresses,  // the bitmap does not mark exactly the two of the header
  kAddress,          // a marked word leads to nothing in the image
  kBitmapEnd,        // a mark behind the last word
};

struct StreamVerdict {
  StreamFinding finding = StreamFinding::kNone;
  core::InflateError envelope = core::InflateError::kNone;  // of kEnvelope
  // Where: of kEnvelope and kShortFile in bytes of the file, otherwise in bytes of the payload.
  uint32_t offset = 0;
  uint32_t image_bytes = 0;  // without the bitmap; 0 if the header was not accepted

  bool ok() const { return finding == StreamFinding::kNone; }
};

// A short name for what was found, for messages and tests: "flavour", "payload-length", ...; of the
// envelope that of its flaw: "truncated", ...
const char* name(const StreamVerdict& verdict);

// What the image is to run on.
struct Target {
  uint32_t signature = 0;  // of a relocatable image for this firmware
  uint32_t partition_bytes = 0;
};

// Bytes of the relocation bitmap within a payload of this length, which the last four bytes of an
// image file tell: enough for the buffer of verify_stream.
constexpr uint32_t bitmap_bytes_of_payload(uint32_t payload_bytes) {
  return (payload_bytes / 4 + 32) / 33 * 4;
}

// Judges the image file that `source` is from its first byte on. `inflater` has the window.
// `bitmap` is a buffer of a multiple of 4 bytes; if the file is accepted, it begins with the
// image's relocation bitmap, so that a second pass can relocate what it inflates. Nothing else is
// kept.
StreamVerdict verify_stream(core::ByteSource& source, core::Inflater& inflater,
                            std::span<uint8_t> bitmap, const Target& target);

}  // namespace flashstore::luaflash
