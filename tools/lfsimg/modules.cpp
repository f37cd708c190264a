#include "modules.h"

#include <bit>
#include <cmath>
#include <limits>

#include "host/exit_status.h"

namespace flashstore::lfsimg {
namespace {

using luaflash::kWordBytes;

void measure(const luaflash::ImageView& view, const luaflash::ProtoObject& proto, Module& module) {
  ++module.functions;
  module.instructions += proto.code.count;
  module.bytes +=
      kWordBytes * (luaflash::kProtoWords + proto.code.count +
                    proto.constants.count * view.tvalue_words() + proto.children.count +
                    proto.upvalue_names.count + proto.locals.count * luaflash::kLocalWords);
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

std::optional<uint32_t> for_each_function(
    const luaflash::ImageView& view, uint32_t offset, uint32_t& budget,
    const std::function<void(const luaflash::ProtoObject&)>& visit) {
  std::vector<uint32_t> pending{offset};
  while (!pending.empty()) {
    const uint32_t next = pending.back();
    pending.pop_back();
    const auto proto = view.proto_at(next);
    if (!proto || pending.size() + proto->children.count >= budget) {
      return next;
    }
    --budget;
    visit(*proto);
    for (uint32_t i = proto->children.count; i > 0; --i) {
      pending.push_back(view.target(proto->children.offset + i - 1));
    }
  }
  return std::nullopt;
}

Problem damaged(const ImageFile& image, uint32_t offset, const std::string& what) {
  return {host::kNo,
          image.at({.id = "damaged", .message = what, .hint = "'lfsimg verify' tells more"},
                   size_t{offset} * kWordBytes)};
}

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
  const luaflash::Generation generation = view.generation();
  const auto constant = [&](uint32_t index) {
    return master->constants.offset + index * view.tvalue_words();
  };
  Contents contents;
  contents.build_time = time_of(view, constant(luaflash::time_constant(generation, count)));
  uint32_t budget = function_budget(view);
  for (uint32_t i = 0; i < count; ++i) {
    Module module;
    const uint32_t name_at = constant(luaflash::name_constant(generation, i));
    const auto name = view.constant_at(name_at);
    if (!name || name->tag != luaflash::kTagString || !view.string_at(name->string)) {
      return damaged(image, name_at, "the name of a module is no string");
    }
    module.name = text_at(view, name->string);
    module.proto = view.target(master->children.offset + i);
    const auto bad = for_each_function(
        view, module.proto, budget,
        [&](const luaflash::ProtoObject& proto) { measure(view, proto, module); });
    if (bad) {
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
