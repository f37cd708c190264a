#include "support/image_reader.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <map>
#include <set>
#include <stdexcept>

namespace flashstore::test {
namespace {

// The numbers are those of FORMAT.md, on purpose not those of format.h.
constexpr uint32_t kFloat = 0xFAFAA154;
constexpr uint32_t kInt = 0xFAFAA152;
constexpr uint32_t kDword = 0xFAFAA150;

class Reader {
 public:
  explicit Reader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  ReadImage read() {
    read_header();
    read_strings();
    image_.main = read_function(main_, 0);
    require(next_ == words_, next_, "words belong to nothing");
    check_bitmap();
    return std::move(image_);
  }

 private:
  [[noreturn]] static void fail(uint32_t offset, const std::string& what) {
    char where[24];
    std::snprintf(where, sizeof where, "word 0x%X: ", offset);
    throw std::runtime_error(where + what);
  }

  static void require(bool condition, uint32_t offset, const char* what) {
    if (!condition) {
      fail(offset, what);
    }
  }

  uint32_t raw(uint32_t offset) const {
    require(offset < bytes_.size() / 4, offset, "beyond the end of the file");
    uint32_t word = 0;
    for (size_t i = 4; i-- > 0;) {
      word = word << 8 | bytes_[size_t{offset} * 4 + i];
    }
    return word;
  }

  uint32_t word(uint32_t offset) const {
    require(offset < words_, offset, "beyond the end of the image");
    return raw(offset);
  }

  void zero(uint32_t offset) const { require(word(offset) == 0, offset, "is not zero"); }

  // The offset an address stands for, 0 for null, relative to where the image is based.
  uint32_t address(uint32_t offset) {
    uint32_t target = word(offset);
    if (target == 0) {
      return 0;
    }
    if (image_.base) {
      target -= *image_.base;
      require(target % 4 == 0, offset, "an address between two words");
      target /= 4;
    }
    require(target > 0 && target < words_, offset, "an address outside the image");
    require(addresses_.insert(offset).second, offset, "is two addresses at once");
    return target;
  }

  uint32_t backward(uint32_t offset) {
    const uint32_t target = address(offset);
    require(target < offset, offset, "an address pointing forwards");
    return target;
  }

  // Takes the next `count` words for an object that has to be at `offset`.
  void own(uint32_t offset, uint64_t count, const char* what) {
    require(offset == next_, offset, what);
    require(count <= words_ - next_, offset, "an object that passes the end of the image");
    next_ += static_cast<uint32_t>(count);
  }

  void read_header() {
    require(bytes_.size() >= 32 && bytes_.size() % 4 == 0, 0, "not a whole number of words");
    image_.signature = raw(0);
    const uint32_t relocatable = image_.signature & ~1u;
    require(relocatable == kFloat || relocatable == kInt || relocatable == kDword, 0,
            "not a signature");
    tvalue_words_ = relocatable == kFloat ? 3 : relocatable == kInt ? 2 : 4;
    image_.image_bytes = raw(1);
    require(image_.image_bytes % 4 == 0 && image_.image_bytes >= 32, 1, "not a size");
    words_ = image_.image_bytes / 4;
    const uint64_t with_bitmap = uint64_t{words_ + (words_ + 31) / 32} * 4;
    has_bitmap_ = bytes_.size() == with_bitmap;
    require(has_bitmap_ || bytes_.size() == image_.image_bytes, 1, "not the size of this image");
    if (image_.signature & 1) {
      require(!has_bitmap_, 0, "an absolute image with a bitmap");
      image_.base = raw(3) - 32;
    }
    main_ = address(2);
    require(address(3) == 8, 3, "the hash vector is not at offset 8");
    own(0, 8, "header");
    const uint32_t slots = image_.hash_slots = raw(5);
    require(raw(4) >= 1, 4, "no strings");
    require(std::has_single_bit(slots) && slots > raw(4) && slots / 2 <= raw(4), 5,
            "not the right number of slots");
    own(8, slots, "hash vector");
  }

  void read_strings() {
    std::map<uint32_t, uint32_t> bucket_of;
    for (uint32_t slot = 0; slot < image_.hash_slots; ++slot) {
      for (uint32_t at = address(8 + slot); at != 0; at = backward(at)) {
        bucket_of[at] = slot;
      }
    }
    require(bucket_of.size() == raw(4), 4, "not the number of strings");
    std::set<std::string> seen;
    for (const auto& [offset, slot] : bucket_of) {
      require(word(offset + 1) == 0x4004, offset + 1, "not the mark of a string");
      const uint32_t length = word(offset + 3);
      own(offset, uint64_t{4} + length / 4 + 1, "a string, but not where the last one ends");
      const auto text = bytes_.subspan(size_t{offset} * 4 + 16, length / 4 * 4 + 4);
      const std::string content(text.begin(), text.begin() + length);
      require(std::all_of(text.begin() + length, text.end(), [](uint8_t b) { return b == 0; }),
              next_ - 1, "padding that is not zero");
      require(word(offset + 2) == hash(content), offset + 2, "not the string's hash");
      require((hash(content) & (image_.hash_slots - 1)) == slot, offset,
              "a string in another's bucket");
      require(seen.insert(content).second, offset, "a string there is already");
      index_[offset] = image_.strings.size();
      image_.strings.push_back({offset, word(offset + 2), content});
    }
  }

  static uint32_t hash(const std::string& bytes) {
    const size_t length = bytes.size();
    auto value = static_cast<uint32_t>(length);
    const size_t step = length / 32 + 1;
    for (size_t i = length; i >= step; i -= step) {
      value ^= (value << 5) + (value >> 2) + static_cast<uint8_t>(bytes[i - 1]);
    }
    return value;
  }

  // The string the address in `offset` leads to; `skip` words into it for a line map.
  std::optional<std::string> text_at(uint32_t offset, uint32_t skip = 0) {
    const uint32_t target = backward(offset);
    if (target == 0) {
      return std::nullopt;
    }
    const auto found = index_.find(target - skip);
    require(found != index_.end(), offset, "not the address of a string");
    return image_.strings[found->second].bytes;
  }

  std::string name(uint32_t offset) {
    const auto text = text_at(offset);
    require(text.has_value(), offset, "no name");
    return *text;
  }

  // Where the vector begins that the Proto word `pointer` leads to; null if and only if it is
  // empty.
  uint32_t vector(uint32_t pointer, uint32_t count, uint32_t element_words) {
    const uint32_t start = backward(pointer);
    require((start == 0) == (count == 0), pointer, "a vector without elements, or the reverse");
    if (count != 0) {
      own(start, uint64_t{count} * element_words, "a vector, but not where the last object ends");
    }
    return start;
  }

  ReadConstant read_constant(uint32_t at) {
    const bool integer = tvalue_words_ == 2;
    const uint32_t tag_at = at + (integer ? 1 : 2);
    for (uint32_t i = tag_at + 1; i < at + tvalue_words_; ++i) {
      zero(i);
    }
    const uint32_t tag = word(tag_at);
    if (tag == 3 && !integer) {
      return std::bit_cast<double>(uint64_t{word(at + 1)} << 32 | word(at));
    }
    if (!integer) {
      zero(at + 1);
    }
    switch (tag) {
      case 0:
        zero(at);
        return {};
      case 1:
        require(word(at) <= 1, at, "neither true nor false");
        return word(at) == 1;
      case 3:
        return static_cast<int32_t>(word(at));
      case 4:
        return name(at);
      default:
        fail(tag_at, "not a tag");
    }
  }

  ReadFunction read_function(uint32_t proto, uint32_t depth) {
    constexpr uint32_t kDeepest = 200;  // Lua nests no deeper
    require(depth <= kDeepest, proto, "functions nested too deeply");
    require(proto <= words_ && words_ - proto >= 18, proto, "a Proto that passes the end");
    ReadFunction function;
    function.offset = proto;
    for (const uint32_t i : {0, 1, 16}) {
      zero(proto + i);
    }

    // Children come first, then the vector that leads to them.
    const uint32_t child_count = word(proto + 12);
    const uint32_t children = word(proto + 4) == 0 ? 0 : peek(proto + 4);
    for (uint32_t i = 0; i < child_count && children != 0; ++i) {
      const uint32_t child = backward(children + i);
      require(child != 0, children + i, "no child");
      function.children.push_back(read_function(child, depth + 1));
    }
    vector(proto + 4, child_count, 1);

    const uint32_t constants = vector(proto + 2, word(proto + 10), tvalue_words_);
    for (uint32_t i = 0; i < word(proto + 10); ++i) {
      function.constants.push_back(read_constant(constants + i * tvalue_words_));
    }
    const uint32_t code = vector(proto + 3, word(proto + 11), 1);
    for (uint32_t i = 0; i < word(proto + 11); ++i) {
      function.code.push_back(word(code + i));
    }
    const uint32_t locals = vector(proto + 6, word(proto + 13), 3);
    for (uint32_t i = 0; i < word(proto + 13); ++i) {
      const uint32_t at = locals + i * 3;
      function.locals.push_back({name(at), word(at + 1), word(at + 2)});
    }
    const uint32_t names = vector(proto + 7, word(proto + 9), 1);
    for (uint32_t i = 0; i < word(proto + 9); ++i) {
      function.upvalue_names.push_back(name(names + i));
    }
    own(proto, 18, "a Proto, but not where its vectors end");

    function.source = text_at(proto + 8);
    function.line_map = text_at(proto + 5, 4).value_or("");
    require(word(proto + 5) == 0 || !function.line_map.empty(), proto + 5, "an empty line map");
    function.lines = decode_lines(function.line_map, function.code.size(), proto + 5);
    function.line_defined = word(proto + 14);
    function.last_line_defined = word(proto + 15);
    function.nups = static_cast<uint8_t>(word(proto + 17));
    function.numparams = static_cast<uint8_t>(word(proto + 17) >> 8);
    function.is_vararg = static_cast<uint8_t>(word(proto + 17) >> 16);
    function.maxstack = static_cast<uint8_t>(word(proto + 17) >> 24);
    return function;
  }

  // An address that is to be read once more.
  uint32_t peek(uint32_t offset) {
    const uint32_t target = backward(offset);
    addresses_.erase(offset);
    return target;
  }

  static std::vector<uint32_t> decode_lines(const std::string& map, size_t instructions,
                                            uint32_t at) {
    std::vector<uint32_t> lines;
    int64_t line = 0;
    for (size_t i = 0; i < map.size(); ++i) {
      auto byte = static_cast<uint8_t>(map[i]);
      if (byte & 0x80) {
        const bool back = byte & 0x40;
        int64_t value = byte & 0x3F;
        int shift = 6;
        for (; ++i < map.size() && (byte = static_cast<uint8_t>(map[i])) & 0x80; shift += 7) {
          require(shift < 32, at, "a line map with an endless delta");
          value |= int64_t{byte & 0x7F} << shift;
        }
        require(i < map.size(), at, "a line map that ends in a delta");
        line += back ? -value : value + 2;
      } else {
        ++line;
      }
      require(byte >= 1 && byte <= 126, at, "a line map with a count that is none");
      require(line >= 1 && line <= INT32_MAX, at, "a line map that leaves the file");
      require(byte <= instructions - lines.size(), at, "a line map of too many instructions");
      lines.insert(lines.end(), byte, static_cast<uint32_t>(line));
    }
    require(lines.empty() || lines.size() == instructions, at,
            "a line map of too few instructions");
    return lines;
  }

  // The addresses met are those marked, no more and no less.
  void check_bitmap() {
    image_.address_count = static_cast<uint32_t>(addresses_.size());
    for (uint32_t i = 0; has_bitmap_ && i < (words_ + 31) / 32 * 32; ++i) {
      const bool marked = raw(words_ + i / 32) >> i % 32 & 1;
      require(
          marked == addresses_.contains(i), i,
          marked ? "marked in the bitmap, but no address" : "an address the bitmap does not mark");
    }
  }

  std::span<const uint8_t> bytes_;
  ReadImage image_;
  uint32_t words_ = 0;
  uint32_t tvalue_words_ = 0;
  bool has_bitmap_ = false;
  uint32_t main_ = 0;
  uint32_t next_ = 0;  // all words before this one have their owner
  std::set<uint32_t> addresses_;
  std::map<uint32_t, size_t> index_;  // offset of a string to its place in image_.strings
};

uint32_t count(const ReadFunction& function) {
  uint32_t all = 1;
  for (const ReadFunction& child : function.children) {
    all += count(child);
  }
  return all;
}

}  // namespace

uint32_t ReadImage::function_count() const {
  return count(main);
}

ReadImage read_image(std::span<const uint8_t> bytes) {
  return Reader(bytes).read();
}

}  // namespace flashstore::test
