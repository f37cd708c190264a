#include "provision/lfs_content.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "core/bytes.h"
#include "core/inflate.h"
#include "host/numbers.h"
#include "host/quantities.h"
#include "image/gunzip.h"
#include "image/gzip.h"
#include "luac/image_writer.h"
#include "luac/lift.h"
#include "luac/master.h"
#include "luac/module_file.h"
#include "luac/resource.h"
#include "luac/strip.h"
#include "luaflash/image_view.h"
#include "luaflash/relocate.h"
#include "luaflash/verify_stream.h"
#include "luaflash/verify_structure.h"

namespace flashstore::provision {
namespace {

using luaflash::ImageError;
using luaflash::kWordBytes;

constexpr uint32_t kMaxImageBytes = luaflash::kMaxImageWords * kWordBytes;
constexpr uint32_t kMaxPayloadBytes = luaflash::kFlashWindowBytes;
constexpr const char* kCommonSource = "=?";  // of all functions, stripped to the last

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::optional<Problem> check_size(uint64_t image_bytes, const LfsTarget& target,
                                  const std::string& file) {
  if (image_bytes <= target.bytes && image_bytes <= kMaxImageBytes) {
    return std::nullopt;
  }
  const uint32_t room = std::min(target.bytes, kMaxImageBytes);
  return refused(
      "lfs-too-large",
      "the LFS image has " + host::bytes(image_bytes) + ", there is room for " + host::bytes(room),
      "give the LFS partition " + host::bytes(image_bytes) +
          ", strip the sources, or leave some out",
      file);
}

Problem other_numbers(luac::Flavour found, luac::Flavour wanted, const std::string& file) {
  return refused("flavour",
                 "the image is for " + std::string(luac::name(found)) +
                     " numbers, the firmware has " + std::string(luac::name(wanted)),
                 "build it anew with luac.cross --target " + std::string(luac::name(wanted)), file);
}

struct Compiled {
  luac::Image image;
  luac::Flavour numbers = luac::Flavour::kFloat;
  std::vector<std::string> modules;
  std::vector<std::string> warnings;
};

core::Result<Compiled, Problem> compile(const Manifest::Lfs& lfs, const Inputs& inputs,
                                        uint32_t build_time, const LfsTarget& target) {
  Compiled content;
  content.numbers = target.numbers.value_or(luac::Flavour::kFloat);
  std::vector<luac::Module> modules;
  for (const std::string& path : inputs.sources) {
    auto read = luac::read_module(inputs.files.at(path), path, "@" + path, content.numbers);
    if (!read) {
      return refused("source", read.error().message, read.error().note);
    }
    luac::ModuleFile& found = read.value();
    modules.push_back(std::move(found.module));
    content.warnings.insert(content.warnings.end(), found.warnings.begin(), found.warnings.end());
  }
  std::vector<std::string> origins = inputs.sources;
  for (const Manifest::Resource& resource : lfs.resources) {
    modules.push_back(luac::make_resource(resource.module, inputs.files.at(resource.file)));
    origins.push_back(resource.file);
  }
  if (modules.size() > luac::kMaxModules) {
    return refused("lfs-too-large",
                   "an image has no more than " + host::count(luac::kMaxModules, "module"));
  }
  const auto names = luac::name_warnings(modules, origins);
  content.warnings.insert(content.warnings.end(), names.begin(), names.end());
  if (lfs.strip > 0) {
    const auto level = lfs.strip == 1 ? luac::Strip::kLines : luac::Strip::kSources;
    for (luac::Module& module : modules) {
      luac::strip(module.main, level, kCommonSource);
    }
  }
  for (const luac::Module& module : modules) {
    content.modules.push_back(module.name);
  }
  // An int32 wraps in 2038, as the original's does.
  const bool is_integer = content.numbers == luac::Flavour::kInt;
  const luac::Function master = luac::make_master(
      std::move(modules), is_integer ? static_cast<int32_t>(build_time) : double(build_time));
  content.image = luac::write_image(master, content.numbers);
  if (const auto problem = check_size(content.image.image_bytes, target, "")) {
    return *problem;
  }
  return content;
}

// What a device would make of a compressed image; numbers that nothing tells of are the image's.
std::optional<Problem> judge_stream(std::span<const uint8_t> file, const std::string& path,
                                    luac::Flavour numbers, const LfsTarget& target) {
  std::vector<uint8_t> window(luaflash::kMaxBackReference);
  core::Inflater inflater(window);
  core::SpanSource source(file);
  std::vector<uint8_t> bitmap(luaflash::bitmap_words(kMaxImageBytes) * kWordBytes);
  const auto verdict =
      luaflash::verify_stream(source, inflater, bitmap, {luac::signature(numbers), target.bytes});
  switch (verdict.finding) {
    case luaflash::StreamFinding::kNone:
    case luaflash::StreamFinding::kTooLarge:  // told with the sizes
      return std::nullopt;
    case luaflash::StreamFinding::kUnknownVersion:
      return refused("lua-version", "an image for another version of Lua or of the format",
                     "build it anew with luac.cross -f", path);
    default:
      return refused("bad-image", std::string("a device refuses the image: ") + name(verdict),
                     "'lfsimg verify' tells more", path);
  }
}

Problem no_image(ImageError error, const std::string& path) {
  switch (error) {
    case ImageError::kLua53:
      return refused("lua-version", "an image for Lua 5.3", "build it anew with luac.cross -f",
                     path);
    case ImageError::kUnknownVersion:
      return refused("lua-version", "an image of an unknown version",
                     "build it anew with luac.cross -f", path);
    default:
      return refused("bad-image", std::string("no LFS image: ") + name(error),
                     "'lfsimg info' tells what it is", path);
  }
}

// A payload as a file: the gzip envelope, if there is one, taken off.
core::Result<std::vector<uint8_t>, Problem> payload_of(std::span<const uint8_t> file,
                                                       const std::string& path) {
  if (!image::is_gzip(file)) {
    return std::vector<uint8_t>(file.begin(), file.end());
  }
  auto payload = image::gunzip(file, kMaxPayloadBytes);
  if (!payload) {
    return refused("bad-image",
                   std::string("a device refuses the image: ") + core::name(payload.error().error),
                   "'lfsimg verify' tells more", path);
  }
  return std::move(payload).value();
}

// An image for any address becomes one for `base`.
std::vector<uint8_t> moved(const luaflash::ImageView& view, std::span<const uint8_t> bitmap,
                           uint32_t base) {
  std::vector<uint8_t> image(view.bytes().begin(), view.bytes().end());
  luaflash::relocate(image, bitmap, base);
  core::store_word(image, 0, view.signature() | luaflash::kAbsoluteBit);
  return image;
}

// An image of a file that a device takes.
struct Taken {
  std::vector<uint8_t> payload;
  std::optional<luaflash::ImageView> view;  // of the payload
  std::vector<uint8_t> bitmap;
  luac::Flavour numbers = luac::Flavour::kFloat;
};

core::Result<Taken, Problem> take_image(const std::string& path, std::span<const uint8_t> file,
                                        const LfsTarget& target) {
  auto payload = payload_of(file, path);
  if (!payload) {
    return payload.error();
  }
  Taken taken;
  taken.payload = std::move(payload).value();
  const auto opened = luaflash::open_image(taken.payload);
  if (!opened) {
    return no_image(opened.error(), path);
  }
  const luaflash::ImageView& view = opened.value();
  taken.view = view;
  if (view.generation() != luaflash::Generation::kApril2020) {
    return refused("old-image", "an image for firmware of 2018", "build it anew with luac.cross -f",
                   path);
  }
  taken.numbers = luac::flavour_of(view.signature());
  if (target.numbers && *target.numbers != taken.numbers) {
    return other_numbers(taken.numbers, *target.numbers, path);
  }
  if (image::is_gzip(file)) {
    if (const auto problem = judge_stream(file, path, taken.numbers, target)) {
      return *problem;
    }
  }
  const uint32_t image_bytes = view.words() * kWordBytes;
  if (const auto problem = check_size(image_bytes, target, path)) {
    return *problem;
  }
  taken.bitmap.resize(luaflash::bitmap_words(image_bytes) * kWordBytes);
  auto verdict = luaflash::verify_structure(view, taken.bitmap);
  if (verdict.ok()) {
    verdict = luaflash::verify_addresses(view, taken.bitmap);
  }
  if (!verdict.ok()) {
    return refused("bad-image", std::string("the image is damaged: ") + name(verdict.finding),
                   "'lfsimg verify' tells more", path);
  }
  return taken;
}

std::optional<Problem> check_base(const luaflash::ImageView& view, const LfsTarget& target,
                                  const std::string& path) {
  if (view.absolute() && view.base() != target.base) {
    return refused("other-base",
                   "the image is for " + host::hex(view.base()) + ", the partition is mapped at " +
                       host::hex(target.base),
                   "give the image for node.flashreload, which is moved to where it has to be, or "
                   "build it with luac.cross -a " +
                       host::hex(target.base),
                   path);
  }
  return std::nullopt;
}

// The same image for any address.
LfsPayload as_payload(const luac::Image& image, luac::Flavour numbers) {
  LfsPayload payload;
  payload.file = image::gzip(image.payload);
  payload.image_bytes = image.image_bytes;
  payload.numbers = numbers;
  return payload;
}

core::Result<LfsPayload, Problem> payload_of_image(const std::string& path,
                                                   std::span<const uint8_t> file,
                                                   const LfsTarget& target) {
  const auto taken = take_image(path, file, target);
  if (!taken) {
    return taken.error();
  }
  const auto lifted = luac::lift(*taken.value().view);
  if (!lifted) {
    return refused("bad-image", "the image is damaged: " + lifted.error().what,
                   "'lfsimg verify' tells more", path);
  }
  LfsPayload payload = as_payload(luac::write_image(lifted.value().master, lifted.value().flavour),
                                  lifted.value().flavour);
  payload.modules = lifted.value().names;
  payload.build_time = static_cast<uint32_t>(static_cast<int64_t>(lifted.value().build_time));
  return payload;
}

}  // namespace

core::Result<LfsContent, Problem> make_lfs(const Manifest::Lfs& lfs, const Inputs& inputs,
                                           uint32_t build_time, const LfsTarget& target) {
  if (lfs.is_compiled()) {
    auto compiled = compile(lfs, inputs, build_time, target);
    if (!compiled) {
      return compiled.error();
    }
    return LfsContent{.bytes = luac::make_absolute(compiled.value().image, target.base),
                      .warnings = std::move(compiled.value().warnings),
                      .numbers = compiled.value().numbers,
                      .was_relocated = true};
  }
  const auto taken = take_image(lfs.image, bytes_of(inputs.files.at(lfs.image)), target);
  if (!taken) {
    return taken.error();
  }
  const luaflash::ImageView& view = *taken.value().view;
  if (const auto problem = check_base(view, target, lfs.image)) {
    return *problem;
  }
  LfsContent content;
  content.numbers = taken.value().numbers;
  content.was_relocated = !view.absolute();
  content.bytes = view.absolute() ? std::vector<uint8_t>(view.bytes().begin(), view.bytes().end())
                                  : moved(view, taken.value().bitmap, target.base);
  return content;
}

core::Result<LfsPayload, Problem> make_payload(const Manifest::Lfs& lfs, const Inputs& inputs,
                                               uint32_t build_time, const LfsTarget& target) {
  LfsPayload payload;
  if (lfs.is_compiled()) {
    auto compiled = compile(lfs, inputs, build_time, target);
    if (!compiled) {
      return compiled.error();
    }
    payload = as_payload(compiled.value().image, compiled.value().numbers);
    payload.modules = std::move(compiled.value().modules);
    payload.warnings = std::move(compiled.value().warnings);
    payload.build_time = build_time;
  } else {
    auto made = payload_of_image(lfs.image, bytes_of(inputs.files.at(lfs.image)), target);
    if (!made) {
      return made.error();
    }
    payload = std::move(made).value();
  }
  std::ranges::sort(payload.modules);
  return payload;
}

bool is_relocatable_image(std::string_view file) {
  const auto payload = payload_of(bytes_of(file), "");
  if (!payload) {
    return false;
  }
  const auto view = luaflash::open_image(payload.value());
  return view && !view.value().absolute();
}

}  // namespace flashstore::provision
