#include "base_file.h"

#include <utility>
#include <vector>

#include "core/bytes.h"
#include "host/files.h"
#include "host/numbers.h"
#include "image/gunzip.h"
#include "luaflash/relocate.h"
#include "luaflash/verify_structure.h"

namespace flashstore::luac_cross {
namespace {

using luaflash::kWordBytes;

constexpr uint32_t kMaxPayloadBytes = luaflash::kFlashWindowBytes;

InputError bad_image(const std::string& file, const std::string& what) {
  return {file + ": " + what, "'lfsimg verify' tells more"};
}

// The image out of its envelope, if it has one.
core::Result<std::vector<uint8_t>, InputError> read_payload(const std::string& file) {
  const auto content = host::read_file(file, kMaxPayloadBytes);
  if (!content) {
    return InputError{content.error().message};
  }
  std::vector<uint8_t> bytes(content.value().begin(), content.value().end());
  if (!image::is_gzip(bytes)) {
    return bytes;
  }
  auto payload = image::gunzip(bytes, kMaxPayloadBytes);
  if (!payload) {
    return bad_image(file, std::string("a damaged image: ") + core::name(payload.error().error));
  }
  return std::move(payload).value();
}

// Makes `bytes`, which `view` is of, an absolute image.
std::optional<InputError> place(const Options& options, const luaflash::ImageView& view,
                                std::span<const uint8_t> bitmap, std::vector<uint8_t>& bytes) {
  const std::string& file = *options.attach_to;
  if (!view.absolute() && !options.lfs_address) {
    return InputError{file + ": a relocatable image",
                      "'--lfs-address' has to tell where the device maps LFS; on the device that "
                      "is node.LFS.config.lfs_mapped"};
  }
  if (view.absolute() && options.lfs_address && *options.lfs_address != view.base()) {
    return InputError{file + ": an image for " + host::hex(view.base()) + ", not for " +
                      host::hex(*options.lfs_address)};
  }
  if (!view.absolute()) {
    bytes.resize(view.bytes().size());
    luaflash::relocate(bytes, bitmap, *options.lfs_address);
    core::store_word(bytes, 0, core::load_word(bytes, 0) | luaflash::kAbsoluteBit);
  }
  return std::nullopt;
}

}  // namespace

core::Result<luac::BaseImage, InputError> read_base_file(const Options& options) {
  if (!options.attach_to || *options.attach_to == kNoBase) {
    return luac::BaseImage{};
  }
  const std::string& file = *options.attach_to;
  auto payload = read_payload(file);
  if (!payload) {
    return payload.error();
  }
  std::vector<uint8_t>& bytes = payload.value();
  const auto opened = luaflash::open_image(bytes);
  if (!opened) {
    return bad_image(file, std::string("no LFS image: ") + luaflash::name(opened.error()));
  }
  const luaflash::ImageView view = opened.value();
  if (view.generation() != luaflash::Generation::kApril2020) {
    return bad_image(file, "an image for firmware from before April 2020");
  }
  if (const luac::Flavour flavour = luac::flavour_of(view.signature());
      flavour != options.flavour) {
    return InputError{file + ": an image with " + std::string(luac::name(flavour)) +
                      " numbers, not " + std::string(luac::name(options.flavour))};
  }
  std::vector<uint8_t> bitmap(luaflash::bitmap_words(view.words() * kWordBytes) * kWordBytes);
  auto verdict = luaflash::verify_structure(view, bitmap);
  if (verdict.ok()) {
    verdict = luaflash::verify_addresses(view, bitmap);
  }
  if (!verdict.ok()) {
    return bad_image(file, std::string("a damaged image: ") + luaflash::name(verdict.finding));
  }
  if (const auto error = place(options, view, bitmap, bytes)) {
    return *error;
  }
  return luac::read_base(bytes);
}

std::optional<InputError> find_overlap(const Options& options, const luac::BaseImage& base,
                                       uint32_t image_bytes) {
  const uint64_t begin = *options.base;
  const uint64_t base_end = uint64_t{base.address} + base.bytes;
  if (begin >= base_end || begin + image_bytes <= base.address) {
    return std::nullopt;
  }
  return InputError{"at " + host::hex(*options.base) + " the image would lie in " +
                        *options.attach_to + ", which goes from " + host::hex(base.address) +
                        " to " + host::hex(static_cast<uint32_t>(base_end)),
                    "'-a' is the address of the file in lilotafs, not that of LFS"};
}

}  // namespace flashstore::luac_cross
