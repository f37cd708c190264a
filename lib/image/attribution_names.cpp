#include "image/attribution_names.h"

#include <algorithm>
#include <optional>

#include "image/attribution.h"
#include "luaflash/format.h"
#include "luaflash/opcodes.h"

namespace flashstore::image {

using namespace luaflash;  // opcodes

namespace {

constexpr uint32_t kDeepestTable = 4;  // a.b.c.d.name

// The string constant at word `offset`, at most kMaxNameBytes of it; empty if it is none.
std::string text_at(const ImageView& image, uint32_t offset) {
  const auto constant = image.constant_at(offset);
  const auto string =
      constant && constant->tag == kTagString ? image.string_at(constant->string) : std::nullopt;
  if (!string) {
    return "";
  }
  const auto text = string->bytes.first(std::min(string->bytes.size(), kMaxNameBytes));
  return {text.begin(), text.end()};
}

class Namer {
 public:
  Namer(const ImageView& image, Words code, Words constants)
      : image_(image), code_(code), constants_(constants) {}

  // What the function becomes that instruction `closure` makes, of `upvalues` upvalues: an
  // instruction follows for each of them before the function can be stored.
  std::string name(uint32_t closure, uint32_t upvalues) const {
    const uint64_t next = uint64_t{closure} + 1 + upvalues;
    if (next >= code_.count) {
      return "";
    }
    const uint32_t made = a_of(at(closure));
    const uint32_t store = at(static_cast<uint32_t>(next));
    if (opcode_of(store) == kOpSetGlobal && a_of(store) == made) {
      return constant(bx_of(store));
    }
    if (opcode_of(store) != kOpSetTable || c_of(store) != made || b_of(store) < kConstantOperand) {
      return "";
    }
    const std::string key = constant(b_of(store) - kConstantOperand);
    const std::string table = table_before(closure, a_of(store));
    return table.empty() || key.empty() ? key : table + "." + key;
  }

 private:
  uint32_t at(uint32_t pc) const { return image_.word(code_.offset + pc); }

  std::string constant(uint32_t index) const {
    const uint32_t words = image_.tvalue_words();
    return index < constants_.count / words ? text_at(image_, constants_.offset + index * words)
                                            : "";
  }

  // The table that the instructions before `pc` have put into `wanted`, if it has a name: that of a
  // local variable is gone.
  std::string table_before(uint32_t pc, uint32_t wanted) const {
    std::string keys;
    for (uint32_t depth = 0; depth < kDeepestTable && pc-- > 0; ++depth) {
      const uint32_t i = at(pc);
      if (a_of(i) != wanted) {
        break;
      }
      if (opcode_of(i) == kOpGetGlobal) {
        return constant(bx_of(i)) + keys;
      }
      if (opcode_of(i) != kOpGetTable || c_of(i) < kConstantOperand) {
        break;
      }
      keys.insert(0, "." + constant(c_of(i) - kConstantOperand));
      wanted = b_of(i);
    }
    return keys.empty() ? keys : keys.substr(1);
  }

  const ImageView& image_;
  Words code_;
  Words constants_;
};

}  // namespace

std::vector<std::string> names_of_modules(const ImageView& image, Words constants, size_t count) {
  std::vector<std::string> names;
  const uint32_t words = image.tvalue_words();
  for (uint32_t i = 0; i + words <= constants.count && names.size() < count; i += words) {
    const auto constant = image.constant_at(constants.offset + i);
    if (constant && constant->tag == kTagString) {
      names.push_back(text_at(image, constants.offset + i));
    }
  }
  names.resize(count);
  return names;
}

std::vector<std::string> names_of_children(const ImageView& image, Words code, Words constants,
                                           std::span<const uint32_t> protos) {
  std::vector<std::string> names(protos.size());
  const Namer namer(image, code, constants);
  for (uint32_t pc = 0; pc < code.count && !protos.empty(); ++pc) {
    const uint32_t i = image.word(code.offset + pc);
    if (opcode_of(i) != kOpClosure || bx_of(i) >= protos.size()) {
      continue;
    }
    const uint32_t upvalues = image.word(protos[bx_of(i)] + kProtoTraits) & 0xFF;
    std::string& name = names[bx_of(i)];
    if (name.empty()) {
      name = namer.name(pc, upvalues).substr(0, kMaxNameBytes);
    }
  }
  return names;
}

}  // namespace flashstore::image
