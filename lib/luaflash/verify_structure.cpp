#include "luaflash/verify_structure.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/bytes.h"
#include "luaflash/code_check.h"
#include "luaflash/format.h"
#include "luaflash/line_runs.h"
#include "luaflash/relocate.h"
#include "luaflash/string_hash.h"

namespace flashstore::luaflash {
namespace {

using enum StructureFinding;

// Strings an image may have in one bucket: so many have no more than 2^21 pairs, a full image of
// such buckets 10^7.
constexpr uint32_t kMaxBucket = 2048;

// The vectors of a function as they lie below its Proto, the nearest first.
enum VectorKind : uint32_t {
  kUpvalueVector,
  kLocalVector,
  kCodeVector,
  kConstantVector,
  kChildVector,
  kVectorCount
};
struct Vector {
  ProtoWord address;
  ProtoWord count;
  uint32_t words;  // of an element; of a TValue it depends
};
constexpr Vector kVectors[kVectorCount] = {
    {kProtoUpvalueNames, kProtoUpvalueNameCount, 1},
    {kProtoLocals, kProtoLocalCount, kLocalWords},
    {kProtoCode, kProtoCodeCount, 1},
    {kProtoConstants, kProtoConstantCount, 0},
    {kProtoChildren, kProtoChildCount, 1},
};
using Block = std::array<uint32_t, kVectorCount>;  // where they begin

uint32_t word_of(std::span<const uint8_t> string, uint32_t index) {
  return core::load_aligned_word(string, size_t{index} * kWordBytes);
}

class StructureCheck final : public CodeSource {
 public:
  StructureCheck(const ImageView& image, std::span<uint8_t> bitmap, const SharedStrings* base)
      : image_(image), bitmap_(bitmap), base_(base), dialect_(image.dialect()) {}

  StructureVerdict run() {
    const uint32_t bytes = bitmap_words(image_.words() * kWordBytes) * kWordBytes;
    if (bytes > bitmap_.size()) {
      fail(kNoRoom, kHeaderSize);
    } else {
      std::fill_n(bitmap_.begin(), bytes, uint8_t{0});
      if (header() && strings() && buckets() && functions()) {
        finish_strings();
      }
    }
    return verdict_;
  }

  uint32_t instruction(uint32_t pc) const override { return word(code_ + pc); }
  bool is_string(uint32_t constant) const override {
    return word(tag_of(constants_ + constant * image_.tvalue_words())) == dialect_.string_tag;
  }
  uint32_t child_nups(uint32_t child) const override {
    return word(target(children_ + child) + kProtoTraits) & 0xFF;
  }

 private:
  uint32_t word(uint32_t offset) const { return image_.word(offset); }
  uint32_t target(uint32_t offset) const { return image_.target(offset); }

  // Always false.
  bool fail(StructureFinding finding, uint32_t offset) {
    verdict_ = {finding, offset};
    return false;
  }

  // The bitmap tells the addresses found so far. Among the strings it tells instead, until all is
  // done, where they are: by the word of their mark, which is never an address.
  bool marked(uint32_t offset) const {
    return core::load_aligned_word(bitmap_, offset / 32 * kWordBytes) >> offset % 32 & 1;
  }
  void mark(uint32_t offset) {
    const size_t at = offset / 32 * kWordBytes;
    core::store_aligned_word(bitmap_, at, core::load_aligned_word(bitmap_, at) ^ 1u << offset % 32);
  }

  bool string_begins(uint32_t offset) const {
    return offset >= image_.strings_begin() && offset < functions_ &&
           marked(offset + kStringTypeMark);
  }

  // Whether the address at `offset` leads `skip` words into a string.
  bool string_address(uint32_t offset, uint32_t skip = 0) {
    const uint32_t found = target(offset);
    if (found == 0) {
      return !base_string(offset, skip).empty() || fail(kStringAddress, offset);
    }
    mark(offset);
    return (found >= skip && string_begins(found - skip)) || fail(kStringAddress, offset);
  }

  // From the string of the base there on; empty: there is none.
  std::span<const uint8_t> base_string(uint32_t offset, uint32_t skip) const {
    return base_ == nullptr ? std::span<const uint8_t>()
                            : base_->string_at(word(offset) - skip * kWordBytes);
  }

  bool string_or_null(uint32_t offset, uint32_t skip = 0) {
    return word(offset) == 0 || string_address(offset, skip);
  }

  uint32_t string_end(uint32_t offset) const {
    return offset + kStringHeaderWords + word(offset + kStringLength) / kWordBytes + 1;
  }

  std::span<const uint8_t> from(uint32_t offset) const {
    return image_.bytes().subspan(size_t{offset} * kWordBytes);
  }

  std::string_view text(uint32_t string) const {
    return {reinterpret_cast<const char*>(from(string + kStringHeaderWords).data()),
            word(string + kStringLength)};
  }

  bool equal(uint32_t a, uint32_t b) const { return equal_strings(from(a), from(b)); }

  uint32_t tag_of(uint32_t constant) const {
    return constant + (image_.tvalue_words() == 2 ? 1 : 2);
  }

  bool header();
  bool strings();
  bool buckets();
  void finish_strings();

  bool lay_out(uint32_t proto, Block& block) const;
  uint32_t tree_begin(uint32_t proto) const;
  bool functions();
  bool function(uint32_t proto);
  bool vectors(uint32_t proto);
  bool names(uint32_t proto, uint32_t upvalues, uint32_t locals);
  bool children();
  bool constant(uint32_t at);
  bool line_map(uint32_t proto);

  const ImageView& image_;
  std::span<uint8_t> bitmap_;
  const SharedStrings* base_;
  const Dialect& dialect_;
  StructureVerdict verdict_;
  uint32_t functions_ = 0;  // where strings end and functions begin
  // Of the function that is looked at: its vectors, which are at the same time the end of the one
  // below, and what the code can refer to.
  uint32_t children_ = 0;
  uint32_t constants_ = 0;
  uint32_t code_ = 0;
  CodeFrame frame_;
};

bool StructureCheck::header() {
  if (!slots_fit(image_.hash_slots(), image_.string_count())) {
    return fail(kHashSlots, kHeaderHashSlots);
  }
  mark(kHeaderMain);
  mark(kHeaderHashVector);
  return true;
}

// --- strings: one behind the other ---

bool StructureCheck::strings() {
  uint32_t at = image_.strings_begin();
  for (uint32_t left = image_.string_count(); left > 0; --left) {
    const uint32_t length = word(at + kStringLength);
    if ((word(at + kStringTypeMark) & dialect_.mark_mask) != dialect_.string_mark ||
        length / kWordBytes >= image_.words() || string_end(at) > image_.words()) {
      return fail(kString, at);
    }
    const uint32_t end = string_end(at);
    const uint32_t padding = word(end - 1) >> length % kWordBytes * 8;
    if (padding & (dialect_.zero_mask | 0xFF)) {
      return fail(kPadding, end - 1);
    }
    if (word(at + kStringHash) != string_hash(text(at))) {
      return fail(kHash, at + kStringHash);
    }
    if (base_ != nullptr && base_->has(from(at))) {
      return fail(kDuplicate, at);
    }
    mark(at + kStringTypeMark);
    at = end;
  }
  functions_ = at;
  return true;
}

// Each bucket, from the string placed last to lower and lower ones, so that none is endless.
bool StructureCheck::buckets() {
  const uint32_t slots = image_.hash_slots();
  uint32_t found = 0;
  for (uint32_t slot = 0; slot < slots; ++slot) {
    const uint32_t first = target(kHeaderWords + slot);
    uint32_t before = kHeaderWords + slot;
    uint32_t limit = functions_;
    for (uint32_t length = 0; word(before) != 0; ++length, ++found) {
      const uint32_t string = target(before);
      if (string >= limit || !string_begins(string) ||
          (word(string + kStringHash) & (slots - 1)) != slot) {
        return fail(kBucket, before);
      }
      if (length == kMaxBucket) {
        return fail(kBucketSize, before);
      }
      for (uint32_t other = first; other != string; other = target(other)) {
        if (equal(other, string)) {
          return fail(kDuplicate, string);
        }
      }
      limit = before = string;
    }
    if (first != 0) {
      mark(kHeaderWords + slot);
    }
  }
  return found == image_.string_count() || fail(kLostString, kHeaderStringCount);
}

// From here on the bitmap tells addresses only.
void StructureCheck::finish_strings() {
  for (uint32_t at = image_.strings_begin(); at < functions_; at = string_end(at)) {
    mark(at + kStringTypeMark);
    if (word(at) != 0) {
      mark(at);
    }
  }
}

// --- functions: from the main one at the end downwards ---
//
// A Proto tells the sizes of its vectors, and they lie below it without a gap; so does the last of
// its children below these, and each child below the tree of the next. Where everything has to be
// is known, and is compared with the addresses: no word can be reached twice.

// Where the vectors of a Proto begin. false: they do not fit.
bool StructureCheck::lay_out(uint32_t proto, Block& block) const {
  uint32_t at = proto;
  for (uint32_t i = 0; i < kVectorCount; ++i) {
    const uint32_t words = i == kConstantVector ? image_.tvalue_words() : kVectors[i].words;
    const uint32_t count = word(proto + kVectors[i].count);
    if (count > (at - functions_) / words) {
      return false;
    }
    at -= count * words;
    block[i] = at;
  }
  return true;
}

// Where a Proto with all inside it begins: where its first child does. 0 if that is nowhere.
uint32_t StructureCheck::tree_begin(uint32_t proto) const {
  Block block;
  while (lay_out(proto, block)) {
    const uint32_t begin = block[kChildVector];
    if (word(proto + kProtoChildCount) == 0) {
      return begin;
    }
    proto = target(begin);
    if (proto < functions_ || proto + kProtoWords > begin) {
      break;
    }
  }
  return 0;
}

bool StructureCheck::functions() {
  uint32_t end = image_.words();
  if (target(kHeaderMain) != end - kProtoWords) {
    return fail(kMain, kHeaderMain);
  }
  for (uint32_t left = 1; left > 0; --left) {
    if (end < functions_ + kProtoWords) {
      return fail(kProto, end);
    }
    if (!function(end - kProtoWords)) {
      return false;
    }
    left += frame_.children;
    end = children_;
  }
  if (word(image_.words() - kProtoWords + kProtoTraits) & 0xFF) {
    return fail(kMain, image_.words() - kProtoWords + kProtoTraits);
  }
  return end == functions_ || fail(kGap, functions_);
}

bool StructureCheck::function(uint32_t proto) {
  const uint32_t traits = word(proto + kProtoTraits);
  frame_.instructions = word(proto + kProtoCodeCount);
  frame_.constants = word(proto + kProtoConstantCount);
  frame_.children = word(proto + kProtoChildCount);
  frame_.nups = traits & 0xFF;
  frame_.numparams = traits >> 8 & 0xFF;
  frame_.is_vararg = traits >> 16 & 0xFF;
  frame_.maxstack = traits >> 24;
  if (word(proto + kProtoNext) != 0 || word(proto + kProtoGcList) != 0 ||
      (word(proto + kProtoTypeMark) & dialect_.mark_mask) != dialect_.proto_mark) {
    return fail(kProto, proto);
  }
  if (!vectors(proto) || !children() || !string_or_null(proto + kProtoSource) || !line_map(proto)) {
    return false;
  }
  for (uint32_t i = 0; i < frame_.constants; ++i) {
    if (!constant(constants_ + i * image_.tvalue_words())) {
      return false;
    }
  }
  const uint32_t bad = find_bad_code(frame_, *this);
  return bad == kCodeIsGood || fail(kCode, code_ + bad);
}

bool StructureCheck::vectors(uint32_t proto) {
  Block block;
  if (!lay_out(proto, block)) {
    return fail(kVector, proto);
  }
  for (uint32_t i = 0; i < kVectorCount; ++i) {
    const uint32_t address = proto + kVectors[i].address;
    if (word(proto + kVectors[i].count) == 0) {
      if (word(address) != 0) {
        return fail(kVector, address);
      }
    } else if (target(address) != block[i]) {
      return fail(kVector, address);
    } else {
      mark(address);
    }
  }
  children_ = block[kChildVector];
  constants_ = block[kConstantVector];
  code_ = block[kCodeVector];
  return names(proto, block[kUpvalueVector], block[kLocalVector]);
}

bool StructureCheck::names(uint32_t proto, uint32_t upvalues, uint32_t locals) {
  const uint32_t count = proto - upvalues;
  if (count != 0 && count != frame_.nups) {
    return fail(kUpvalueNames, proto + kProtoUpvalueNameCount);
  }
  for (uint32_t at = upvalues; at < proto; ++at) {
    if (!string_address(at)) {
      return false;
    }
  }
  for (uint32_t at = locals; at < upvalues; at += kLocalWords) {
    if (!string_address(at + kLocalName)) {
      return false;
    }
    if (word(at + kLocalStartPc) > word(at + kLocalEndPc) ||
        word(at + kLocalEndPc) > frame_.instructions) {
      return fail(kLocal, at);
    }
  }
  return true;
}

bool StructureCheck::children() {
  uint32_t end = children_;  // of the tree of the next one, from the last on
  for (uint32_t at = children_ + frame_.children; at-- > children_;) {
    if (end < functions_ + kProtoWords || target(at) != end - kProtoWords) {
      return fail(kChild, at);
    }
    mark(at);
    if (at > children_) {
      end = tree_begin(target(at));
    }
  }
  return true;
}

bool StructureCheck::constant(uint32_t at) {
  const uint32_t tag_at = tag_of(at);
  const uint32_t tag = word(tag_at);
  uint32_t unused = 0;  // all the bits that have to be zero
  if (tag_at - at == 2 && tag != dialect_.number_tag) {
    unused = word(at + 1);
  }
  if (image_.tvalue_words() == 4) {
    unused |= word(at + 3);
  }
  if (tag == dialect_.string_tag) {
    if (!string_address(at)) {
      return false;
    }
  } else if (tag == kTagNil) {
    unused |= word(at);
  } else if (tag == kTagBoolean) {
    if (word(at) > 1) {
      return fail(kConstant, at);
    }
  } else if (tag != dialect_.number_tag) {
    return fail(kConstant, tag_at);
  }
  return (unused & dialect_.zero_mask) == 0 || fail(kConstant, at);
}

bool StructureCheck::line_map(uint32_t proto) {
  const uint32_t address = proto + kProtoLineMap;
  if (!string_or_null(address, kStringHeaderWords)) {
    return false;
  }
  if (word(address) == 0) {
    return true;
  }
  const uint32_t found = target(address);
  const auto string =
      found != 0 ? from(found - kStringHeaderWords) : base_string(address, kStringHeaderWords);
  const uint32_t length = word_of(string, kStringLength);
  uint32_t instructions = 0;
  LineRuns runs(string.data() + kStringHeaderWords * kWordBytes, length);
  while (instructions <= frame_.instructions && runs.next()) {
    instructions += runs.count();
  }
  return (instructions == frame_.instructions && runs.read() == length) || fail(kLineMap, address);
}

}  // namespace

bool equal_strings(std::span<const uint8_t> a, std::span<const uint8_t> b) {
  const uint32_t length = word_of(b, kStringLength);
  const uint32_t last = kStringHeaderWords + length / kWordBytes;
  if (a.size() / kWordBytes <= last) {
    return false;
  }
  for (uint32_t i = kStringHash; i < last; ++i) {
    if (word_of(a, i) != word_of(b, i)) {
      return false;
    }
  }
  const uint32_t used = (1u << length % kWordBytes * 8) - 1;  // of the last word
  return ((word_of(a, last) ^ word_of(b, last)) & used) == 0;
}

StructureVerdict verify_structure(const ImageView& image, std::span<uint8_t> bitmap,
                                  const SharedStrings* base) {
  return StructureCheck(image, bitmap, base).run();
}

}  // namespace flashstore::luaflash
