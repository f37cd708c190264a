// Whether an image in memory is one through and through: every word belongs to exactly one object,
// and every address leads to an object of the right kind (FORMAT.md, "What is checked"). A device
// looks before it declares a new image complete, a tool before it believes a file.
#pragma once

#include <cstdint>
#include <span>

#include "luaflash/image_view.h"

namespace flashstore::luaflash {

enum class StructureFinding : uint32_t {
  kNone,
  kNoRoom,  // in the caller's buffer for the bitmap
  // header
  kHashSlots,  // are not what belongs to the number of strings
  kMain,       // the main Proto is not at the end of the image, or has upvalues
  // strings
  kString,   // no string follows the last one
  kPadding,  // behind a string there is no NUL, or more than zeros
  kHash,     // is not that of the string
  kBucket,   // leads to no string, to one that belongs elsewhere, or not to the one placed before
  kBucketSize,  // more strings than anyone would look through
  kDuplicate,   // there is an equal string, here or in the base
  kLostString,  // a string in no bucket
  // functions
  kProto,          // no Proto ends where the last function begins
  kVector,         // is not where a Proto's vectors have to be
  kStringAddress,  // leads to no string
  kConstant,       // is none
  kLocal,          // alive at instructions that are not there
  kUpvalueNames,   // some but not all
  kCode,           // an instruction no device can run
  kLineMap,        // is no line map, or not for this number of instructions
  kChild,          // leads to no Proto, or not to the next one
  kGap,            // words that belong to nothing
  // addresses
  kBitmap,  // does not mark the addresses of the image and nothing else
};

struct StructureVerdict {
  StructureFinding finding = StructureFinding::kNone;
  uint32_t offset = 0;  // of the word at fault, in words

  bool ok() const { return finding == StructureFinding::kNone; }
};

// A short name for it, for messages and tests: "bucket", "line-map", ...
const char* name(StructureFinding finding);

// The strings of the image that another one goes with. An interface, so that a chip which attaches
// nothing does without them.
class SharedStrings {
 public:
  // What begins with the string whose first word is at this address; empty: there is none.
  virtual std::span<const uint8_t> string_at(uint32_t address) const = 0;

  // Whether it has the string that `string` begins with, which is one, and ends in there.
  virtual bool has(std::span<const uint8_t> string) const = 0;

 protected:
  ~SharedStrings() = default;
};

// Judges the image itself. `bitmap` is a buffer of a multiple of 4 bytes; if all is well it begins
// with the relocation bitmap the image has or, once absolute, had: this is how an absolute image
// becomes relocatable again. Takes no more than about 10^7 steps, whatever the image is.
//
// An image to attach may use the strings of `base`, and has none of them itself; those addresses
// are not in the bitmap. null: it has only its own.
StructureVerdict verify_structure(const ImageView& image, std::span<uint8_t> bitmap,
                                  const SharedStrings* base = nullptr);

// Whether a relocatable image says the same of its addresses: in the bitmap behind it, or by their
// chain. `bitmap` is what verify_structure made of the same image. Always so of an absolute one.
StructureVerdict verify_addresses(const ImageView& image, std::span<const uint8_t> bitmap);

// Whether two strings are equal: each span begins with one, and may go on behind it. The second is
// there as a whole. Compares by words: a chip reads its flash by nothing else.
bool equal_strings(std::span<const uint8_t> a, std::span<const uint8_t> b);

}  // namespace flashstore::luaflash
