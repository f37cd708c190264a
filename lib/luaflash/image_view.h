// Checked access to an LFS image in memory (FORMAT.md): header, words, addresses, objects. Whatever
// the bytes are, nothing outside of them is read, and what does not fit is "none".
//
// Offsets are in words from the start of the image. 0 stands for none: the header is there, and
// nothing leads to it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/result.h"
#include "luaflash/format.h"

namespace flashstore::luaflash {

// By the month their compiler appeared (FORMAT.md, "Earlier generations").
enum class Generation : uint8_t { kMarch2018, kApril2018, kSeptember2018, kApril2020 };

// Which constant of the master function is a module's name, and which the time of the build
// (FORMAT.md, "Master function"; the first generation has the time in front).
constexpr uint32_t name_constant(Generation generation, uint32_t module) {
  return generation == Generation::kMarch2018 ? module + 1 : module;
}
constexpr uint32_t time_constant(Generation generation, uint32_t modules) {
  return generation == Generation::kMarch2018 ? 0 : modules;
}

// What the generations do differently.
struct Dialect {
  uint32_t number_tag;
  uint32_t string_tag;
  uint32_t string_mark;  // word kStringTypeMark
  uint32_t proto_mark;   // word kProtoTypeMark
  uint32_t mark_mask;    // how much of these two words there is
  uint32_t zero_mask;    // what is zero of unused value words and paddings: all bits or none
  bool chained;          // an address word's high half leads to the next one, until relocated
};

enum class ImageError : uint32_t {
  kTooShort,        // not even a header
  kGzip,            // compressed: the envelope is still around it
  kBytecode,        // Lua bytecode of any version
  kLua53,           // an LFS image for Lua 5.3, as a file or from flash
  kBlank,           // erased flash, or a cleared header
  kInProgress,      // half written by a device
  kUnknownVersion,  // an LFS image of an unknown version
  kAttach,          // an image to attach, where others are asked for
  kSignature,       // anything else
  kSize,            // the size in the header is none, or there are fewer bytes than it says
  kHashVector,      // the hash vector is not behind the header; an absolute image may have no base
  kStringCount,     // hash vector and strings do not fit
};

// A short name for it, for messages and tests: "too-short", "gzip", ...
const char* name(ImageError error);

// What an image is wanted for.
enum class ImageUse : uint8_t {
  kRun,
  kFinish,  // its signature may say that it is still being written
  kAttach,  // it is one to attach, and no other
};

// Consecutive objects of one kind: `count` of them from `offset` on. None: 0 and 0.
struct Objects {
  uint32_t offset = 0;
  uint32_t count = 0;
};

struct StringObject {
  uint32_t offset = 0;
  uint32_t hash = 0;  // as it is written there
  std::span<const uint8_t> bytes;
  uint32_t end = 0;  // of the words it takes
};

struct ConstantObject {
  Tag tag = kTagNil;    // as the current generation counts them
  uint32_t low = 0;     // value words; of a string the address
  uint32_t high = 0;    // 0 in an int image
  uint32_t string = 0;  // offset of a string; 0 if the address leads nowhere
};

// The addresses have been followed: each vector lies wholly within the image.
struct ProtoObject {
  uint32_t offset = 0;
  Objects constants;
  Objects code;
  Objects children;
  Objects locals;
  Objects upvalue_names;
  uint32_t line_map = 0;  // offset of the string that holds it, not of its bytes; or none
  uint32_t source = 0;    // offset of a string, or none
  uint32_t line_defined = 0;
  uint32_t last_line_defined = 0;
  uint8_t nups = 0;
  uint8_t numparams = 0;
  uint8_t is_vararg = 0;
  uint8_t maxstack = 0;
};

class ImageView {
 public:
  // --- header ---
  uint32_t signature() const { return word(kHeaderSignature); }
  Generation generation() const { return static_cast<Generation>(generation_); }
  const Dialect& dialect() const;
  // The bits of a signature that tell the flavour; kIntegerBit, kPackedBit or none.
  uint32_t flavour() const { return signature() & (kIntegerBit | kPackedBit); }
  uint32_t tvalue_words() const { return tvalue_words_; }
  bool absolute() const { return address_shift_ != 0; }
  uint32_t base() const { return base_; }  // byte address of an absolute image; otherwise 0
  uint32_t words() const { return words_; }
  std::span<const uint8_t> bytes() const { return bytes_.first(size_t{words_} * kWordBytes); }
  // What was given to open_image behind the image: the relocation bitmap, the rest of a partition.
  std::span<const uint8_t> rest() const { return bytes_.subspan(size_t{words_} * kWordBytes); }
  uint32_t string_count() const { return word(kHeaderStringCount); }
  uint32_t hash_slots() const { return word(kHeaderHashSlots); }
  uint32_t strings_begin() const { return kHeaderWords + hash_slots(); }
  uint32_t main() const { return target(kHeaderMain); }

  // --- words ---
  bool has(uint32_t offset, uint32_t count) const {
    return offset <= words_ && count <= words_ - offset;
  }
  // The word there; 0 outside the image.
  uint32_t word(uint32_t offset) const;
  // Where the address in this word leads to; 0 for null, and for an address that is not one of a
  // word of the image.
  uint32_t target(uint32_t offset) const;

  // --- objects ---
  // What is where they are said to be, if it fits there: contents are not judged. A string has its
  // mark and lies within the image with its NUL; a constant has a tag of its generation.
  std::optional<StringObject> string_at(uint32_t offset) const;
  std::optional<ConstantObject> constant_at(uint32_t offset) const;
  std::optional<ProtoObject> proto_at(uint32_t offset) const;

 private:
  friend core::Result<ImageView, ImageError> map_image(std::span<const uint8_t> bytes,
                                                       ImageUse use);

  ImageView() = default;

  std::optional<ImageError> open(std::span<const uint8_t> bytes, ImageUse use);
  std::optional<Objects> objects(uint32_t address, uint32_t count, uint32_t size) const;

  // All in words: a chip reads smaller things with more code.
  std::span<const uint8_t> bytes_;
  uint32_t words_ = 0;
  uint32_t tvalue_words_ = 0;
  uint32_t generation_ = 0;
  // An address is an offset under this mask, shifted left and added to the base.
  uint32_t address_mask_ = 0;
  uint32_t address_shift_ = 0;
  uint32_t base_ = 0;
};

// The image that `bytes` (memory of the caller, outlives the view; on a chip at an address that is
// a multiple of 4) begins with. Only the header is judged: its sizes fit, and the hash vector is
// where it has to be.
core::Result<ImageView, ImageError> open_image(std::span<const uint8_t> bytes);

// The same for a chip, which knows where its image lies: what is none is a kSignature, whatever
// else it may be.
core::Result<ImageView, ImageError> map_image(std::span<const uint8_t> bytes,
                                              ImageUse use = ImageUse::kRun);

}  // namespace flashstore::luaflash
