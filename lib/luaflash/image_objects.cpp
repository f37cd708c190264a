// Whole objects of an image, for those who read it; what a chip does to images gets by with words.
#include "luaflash/image_view.h"

namespace flashstore::luaflash {

std::optional<StringObject> ImageView::string_at(uint32_t offset) const {
  const uint32_t length = word(offset + kStringLength);
  const uint32_t body = length / kWordBytes + 1;
  if (!has(offset, kStringHeaderWords) || !has(offset + kStringHeaderWords, body) ||
      (word(offset + kStringTypeMark) & dialect().mark_mask) != dialect().string_mark) {
    return std::nullopt;
  }
  const auto all = bytes().subspan(size_t{offset + kStringHeaderWords} * kWordBytes);
  return StringObject{offset, word(offset + kStringHash), all.first(length),
                      offset + kStringHeaderWords + body};
}

std::optional<ConstantObject> ImageView::constant_at(uint32_t offset) const {
  if (!has(offset, tvalue_words_)) {
    return std::nullopt;
  }
  const uint32_t value_words = tvalue_words_ == 2 ? 1 : 2;
  const uint32_t tag = word(offset + value_words);
  ConstantObject constant;
  constant.low = word(offset);
  constant.high = value_words == 2 ? word(offset + 1) : 0;
  if (tag == kTagNil || tag == kTagBoolean) {
    constant.tag = static_cast<Tag>(tag);
  } else if (tag == dialect().number_tag) {
    constant.tag = kTagNumber;
  } else if (tag == dialect().string_tag) {
    constant.tag = kTagString;
    constant.string = target(offset);
  } else {
    return std::nullopt;
  }
  return constant;
}

// What the address word at `address` leads to, being `count` objects of `size` words.
std::optional<Objects> ImageView::objects(uint32_t address, uint32_t count, uint32_t size) const {
  if (count == 0) {
    return Objects{};
  }
  const uint32_t offset = target(address);
  if (offset == 0 || count > words_ || !has(offset, count * size)) {
    return std::nullopt;
  }
  return Objects{offset, count};
}

std::optional<ProtoObject> ImageView::proto_at(uint32_t offset) const {
  if (offset == 0 || !has(offset, kProtoWords)) {
    return std::nullopt;
  }
  const auto vector = [&](ProtoWord address, ProtoWord count, uint32_t size) {
    return objects(offset + address, word(offset + count), size);
  };
  const auto constants = vector(kProtoConstants, kProtoConstantCount, tvalue_words_);
  const auto code = vector(kProtoCode, kProtoCodeCount, 1);
  const auto children = vector(kProtoChildren, kProtoChildCount, 1);
  const auto locals = vector(kProtoLocals, kProtoLocalCount, kLocalWords);
  const auto upvalue_names = vector(kProtoUpvalueNames, kProtoUpvalueNameCount, 1);
  if (!constants || !code || !children || !locals || !upvalue_names) {
    return std::nullopt;
  }
  const uint32_t map = target(offset + kProtoLineMap);
  const uint32_t traits = word(offset + kProtoTraits);
  return ProtoObject{
      .offset = offset,
      .constants = *constants,
      .code = *code,
      .children = *children,
      .locals = *locals,
      .upvalue_names = *upvalue_names,
      .line_map = map > kStringHeaderWords ? map - kStringHeaderWords : 0,
      .source = target(offset + kProtoSource),
      .line_defined = word(offset + kProtoLineDefined),
      .last_line_defined = word(offset + kProtoLastLineDefined),
      .nups = static_cast<uint8_t>(traits),
      .numparams = static_cast<uint8_t>(traits >> 8),
      .is_vararg = static_cast<uint8_t>(traits >> 16),
      .maxstack = static_cast<uint8_t>(traits >> 24),
  };
}

}  // namespace flashstore::luaflash
