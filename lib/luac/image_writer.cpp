#include "luac/image_writer.h"

#include <string_view>

#include "core/bytes.h"
#include "luac/string_table.h"
#include "luaflash/attach.h"
#include "luaflash/format.h"
#include "luaflash/relocate.h"

namespace flashstore::luac {
namespace {

using namespace luaflash;

// Words in order, and which of them are addresses.
class WordStream {
 public:
  uint32_t position() const { return static_cast<uint32_t>(words_.size()); }

  void word(uint32_t value) { words_.push_back(value); }

  void words(std::span<const uint32_t> values) {
    words_.insert(words_.end(), values.begin(), values.end());
  }

  void zeros(size_t count) { words_.resize(words_.size() + count); }

  void address(uint32_t offset) {
    words_.push_back(0);
    set_address(position() - 1, offset);
  }

  // Makes the zero at `at` an address. 0 is the null pointer and stays a plain word: nothing an
  // image points to is at its very start.
  void set_address(uint32_t at, uint32_t offset) {
    if (offset != 0) {
      words_[at] = offset;
      addresses_.push_back(at);
    }
  }

  Image finish() const {
    Image image;
    image.image_bytes = position() * kWordBytes;
    image.payload.resize(image.image_bytes + bitmap_words(image.image_bytes) * kWordBytes);
    for (uint32_t i = 0; i < position(); ++i) {
      core::store_word(image.payload, i * kWordBytes, words_[i]);
    }
    for (const uint32_t at : addresses_) {
      image.payload[image.image_bytes + at / 8] |= static_cast<uint8_t>(1u << at % 8);
    }
    return image;
  }

 private:
  std::vector<uint32_t> words_;
  std::vector<uint32_t> addresses_;  // positions
};

class Writer {
 public:
  Writer(const Function& root, Flavour flavour, const BaseImage& base)
      : root_(root), flavour_(flavour), base_(base), strings_(root, base) {}

  Image write() {
    out_.zeros(kHeaderWords + strings_.hash_slots());
    write_strings();
    const uint32_t main = write_function(root_);
    write_header(main);
    Image image = out_.finish();
    core::store_word(image.payload, kHeaderSignature * kWordBytes, signature(flavour_));
    core::store_word(image.payload, kHeaderSize * kWordBytes, image.image_bytes);
    core::store_word(image.payload, kHeaderStringCount * kWordBytes,
                     static_cast<uint32_t>(strings_.entries().size()));
    core::store_word(image.payload, kHeaderHashSlots * kWordBytes, strings_.hash_slots());
    return image;
  }

 private:
  void write_header(uint32_t main) {
    out_.set_address(kHeaderMain, main);
    out_.set_address(kHeaderHashVector, kHeaderWords);
  }

  void write_strings() {
    std::vector<uint32_t> heads(strings_.hash_slots(), 0);
    for (const StringTable::Entry& entry : strings_.entries()) {
      uint32_t& head = heads[entry.hash & (strings_.hash_slots() - 1)];
      out_.address(head);
      head = entry.offset;
      out_.word(kStringMark);
      out_.word(entry.hash);
      out_.word(static_cast<uint32_t>(entry.bytes.size()));
      write_text(entry.bytes);
    }
    for (uint32_t slot = 0; slot < heads.size(); ++slot) {
      out_.set_address(kHeaderWords + slot, heads[slot]);
    }
  }

  // The address of a string, or of its bytes.
  void string_address(std::string_view text, uint32_t skip = 0) {
    if (const auto found = base_.strings.find(text); found != base_.strings.end()) {
      out_.word(found->second + skip * kWordBytes);
    } else {
      out_.address(strings_.offset_of(text) + skip);
    }
  }

  // The bytes, a NUL, zeros up to a word.
  void write_text(std::string_view text) {
    for (size_t at = 0; at <= text.size(); at += kWordBytes) {
      uint32_t word = 0;
      for (size_t i = 0; i < kWordBytes && at + i < text.size(); ++i) {
        word |= static_cast<uint32_t>(static_cast<uint8_t>(text[at + i])) << 8 * i;
      }
      out_.word(word);
    }
  }

  void write_constant(const Constant& constant) {
    std::array<uint32_t, 2> value{};
    uint32_t tag = kTagNil;
    const auto* text = std::get_if<std::string>(&constant);
    if (const auto* boolean = std::get_if<bool>(&constant)) {
      tag = kTagBoolean;
      value[0] = *boolean ? 1 : 0;
    } else if (const auto* number = std::get_if<double>(&constant)) {
      tag = kTagNumber;
      value = number_words(*number, flavour_);
    } else if (text != nullptr) {
      tag = kTagString;
    }
    if (text != nullptr) {
      string_address(*text);
    } else {
      out_.word(value[0]);
    }
    if (value_words(flavour_) == 2) {
      out_.word(value[1]);
    }
    out_.word(tag);
    for (uint32_t i = value_words(flavour_) + 1; i < tvalue_words(flavour_); ++i) {
      out_.word(0);
    }
  }

  // Offset of a vector about to be written: null if it has no elements.
  template <class Vector>
  uint32_t start_of(const Vector& vector) const {
    return vector.empty() ? 0 : out_.position();
  }

  // Children first, so that every pointer points backwards. Returns the offset of the Proto.
  // Recursion is as deep as functions are nested.
  uint32_t write_function(const Function& function) {
    std::vector<uint32_t> child_offsets;
    child_offsets.reserve(function.children.size());
    for (const Function& child : function.children) {
      child_offsets.push_back(write_function(child));
    }
    const uint32_t children = start_of(child_offsets);
    for (const uint32_t offset : child_offsets) {
      out_.address(offset);
    }
    const uint32_t constants = start_of(function.constants);
    for (const Constant& constant : function.constants) {
      write_constant(constant);
    }
    const uint32_t code = start_of(function.code);
    out_.words(function.code);
    const uint32_t locals = start_of(function.locals);
    for (const LocalVariable& local : function.locals) {
      string_address(local.name);
      out_.word(local.start_pc);
      out_.word(local.end_pc);
    }
    const uint32_t upvalue_names = start_of(function.upvalue_names);
    for (const std::string& name : function.upvalue_names) {
      string_address(name);
    }

    const uint32_t proto = out_.position();
    out_.word(0);  // next
    out_.word(0);  // type and mark
    out_.address(constants);
    out_.address(code);
    out_.address(children);
    function.line_map.empty() ? out_.word(0)
                              : string_address(function.line_map, kStringHeaderWords);
    out_.address(locals);
    out_.address(upvalue_names);
    function.source ? string_address(*function.source) : out_.word(0);
    out_.word(static_cast<uint32_t>(function.upvalue_names.size()));
    out_.word(static_cast<uint32_t>(function.constants.size()));
    out_.word(static_cast<uint32_t>(function.code.size()));
    out_.word(static_cast<uint32_t>(function.children.size()));
    out_.word(static_cast<uint32_t>(function.locals.size()));
    out_.word(function.line_defined);
    out_.word(function.last_line_defined);
    out_.word(0);  // gc list
    out_.word(function.upvalue_count | function.parameter_count << 8 | function.vararg_flags << 16 |
              static_cast<uint32_t>(function.max_stack) << 24);
    return proto;
  }

  const Function& root_;
  Flavour flavour_;
  const BaseImage& base_;
  StringTable strings_;
  WordStream out_;
};

}  // namespace

Image write_image(const Function& root, Flavour flavour, const BaseImage& base) {
  return Writer(root, flavour, base).write();
}

std::vector<uint8_t> make_absolute(const Image& image, uint32_t base) {
  std::vector<uint8_t> absolute(image.image().begin(), image.image().end());
  relocate(absolute, image.bitmap(), base);
  core::store_word(absolute, 0, core::load_word(absolute, 0) | kAbsoluteBit);
  return absolute;
}

std::vector<uint8_t> make_attachable(const Image& image, uint32_t address, const BaseImage& base) {
  std::vector<uint8_t> file = make_absolute(image, address);
  const auto store = [&](HeaderWord index, uint32_t word) {
    core::store_word(file, index * kWordBytes, word);
  };
  store(kHeaderSignature, (core::load_word(file, 0) & ~kVersionMask) | kVersionAttach);
  store(kHeaderBase, base.identity);
  store(kHeaderCheck, attach_checksum(file));
  return file;
}

}  // namespace flashstore::luac
