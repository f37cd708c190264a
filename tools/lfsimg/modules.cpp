#include "modules.h"

#include <bit>
#include <cmath>
#include <limits>

#include "host/exit_status.h"

namespace flashstore::lfsimg {
namespace {

using luaflash::kWordBytes;

Problem damaged(const ImageFile& image, uint32_t offset, const std::string& what) {
  return {host::kNo,
          image.at({.id = "damaged", .message = what, .hint = "'lfsimg verify' tells more"},
                   size_t{offset} * kWordBytes)};
}

// Adds what is in `module` and in the functions inside it. Returns the offset of one that is none.
// A sound image has no more functions than it has room for; `budget` is what is left of that.
std::optional<uint32_t> measure(const luaflash::ImageView& view, Module& module, uint32_t& budget) {
  std::vector<uint32_t> pending{module.proto};
  while (!pending.empty()) {
    const uint32_t offset = pending.back();
    pending.pop_back();
    const auto proto = view.proto_at(offset);
    if (!proto || budget == 0) {
      return offset;
    }
    --budget;
    ++module.functions;
    module.instructions += proto->code.count;
    module.bytes +=
        kWordBytes * (luaflash::kProtoWords + proto->code.count +
                      proto->constants.count * view.tvalue_words() + proto->children.count +
                      proto->upvalue_names.count + proto->locals.count * luaflash::kLocalWords);
    for (uint32_t i = 0; i < proto->children.count; ++i) {
      pending.push_back(view.target(proto->children.offset + i));
    }
  }
  return std::nullopt;
}

std::optional<uint32_t> time_of(const luaflash::ImageView& view, uint32_t offset) {
  const auto constant = view.constant_at(offset);
  if (!constant || constant->tag != luaflash::kTagNumber) {
    return std::nullopt;
  }
  if (view.flavour() == luaflash::kIntegerBit) {
    return constant->low;
  }
  const auto seconds = std::bit_cast<double>(uint64_t{constant->high} << 32 | constant->low);
  const bool is_time = seconds >= 0 && seconds <= std::numeric_limits<uint32_t>::max();
  return is_time ? std::optional(static_cast<uint32_t>(seconds)) : std::nullopt;
}

}  // namespace

std::string text_at(const luaflash::ImageView& view, uint32_t offset) {
  const auto string = offset == 0 ? std::nullopt : view.string_at(offset);
  return string ? std::string(string->bytes.begin(), string->bytes.end()) : "";
}

core::Result<Contents, Problem> read_contents(const ImageFile& image) {
  const luaflash::ImageView& view = image.view();
  const auto master = view.proto_at(view.main());
  if (!master) {
    return damaged(image, luaflash::kHeaderMain, "the main function is not in the image");
  }
  const uint32_t count = master->children.count;
  if (master->constants.count != count + 1) {
    return damaged(image, master->offset, "the main function is not one that finds modules");
  }
  const bool time_first = view.generation() == luaflash::Generation::kMarch2018;
  const auto constant = [&](uint32_t index) {
    return master->constants.offset + index * view.tvalue_words();
  };
  Contents contents;
  contents.build_time = time_of(view, constant(time_first ? 0 : count));
  uint32_t budget = view.words() / luaflash::kProtoWords;
  for (uint32_t i = 0; i < count; ++i) {
    Module module;
    const auto name = view.constant_at(constant(time_first ? i + 1 : i));
    if (!name || name->tag != luaflash::kTagString || !view.string_at(name->string)) {
      return damaged(image, constant(i), "the name of a module is no string");
    }
    module.name = text_at(view, name->string);
    module.proto = view.target(master->children.offset + i);
    if (const auto bad = measure(view, module, budget)) {
      return damaged(image, *bad, "a function of module '" + module.name + "' is none");
    }
    const std::string source = text_at(view, view.proto_at(module.proto)->source);
    module.source = source.substr(source.empty() ? 0 : 1);
    contents.functions += module.functions;
    contents.modules.push_back(std::move(module));
  }
  return contents;
}

}  // namespace flashstore::lfsimg
