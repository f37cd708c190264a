#include "image_file.h"

#include <utility>

#include "core/bytes.h"
#include "findings.h"
#include "host/exit_status.h"
#include "host/numbers.h"
#include "host/quantities.h"
#include "image/gunzip.h"
#include "luaflash/relocate.h"
#include "recognise.h"

namespace flashstore::lfsimg {
namespace {

using host::Diagnostic;
using host::Severity;
using luaflash::ImageError;
using luaflash::kWordBytes;

constexpr uint32_t kMaxPayloadBytes = luaflash::kFlashWindowBytes;

Problem no_image(const std::string& path, std::string id, const std::string& what,
                 const std::string& hint, std::optional<uint64_t> offset = std::nullopt) {
  return {host::kNo,
          Diagnostic{
              .id = std::move(id), .message = what, .hint = hint, .file = path, .offset = offset}};
}

Problem stranger(const std::string& path, std::span<const uint8_t> payload, ImageError error,
                 bool compressed) {
  const Stranger found = recognise(payload, error);
  return no_image(path, found.id, (compressed ? "compressed, this is " : "this is ") + found.what,
                  found.way_out);
}

// What is compressed is relocated by the device: an absolute image has no place there.
Problem compressed_absolute(const std::string& path, const luaflash::ImageView& view) {
  if (view.rest().empty()) {
    return no_image(path, "absolute-image", "compressed, this is an absolute image, for flashing",
                    "gunzip it, to flash it at " + host::hex(view.base()) +
                        " or to make it relocatable with 'lfsimg relocate'");
  }
  const Finding& known = finding("absolute");
  return no_image(path, std::string(known.id), std::string(known.what), std::string(known.way_out));
}

core::Result<std::vector<uint8_t>, Problem> gunzip(const std::string& path,
                                                   std::span<const uint8_t> file) {
  auto payload = image::gunzip(file, kMaxPayloadBytes);
  if (payload) {
    return std::move(payload).value();
  }
  const core::InflateResult& result = payload.error();
  const std::string id = core::name(result.error);
  if (result.error == core::InflateError::kTooMuchOutput) {
    return no_image(
        path, id,
        "this is no LFS image: inflated, it has more than " + host::bytes(kMaxPayloadBytes), "",
        result.input_offset);
  }
  return no_image(path, id, "the gzip envelope is damaged: " + id,
                  "'lfsimg verify' tells what a device does with such a file", result.input_offset);
}

// A device does not mark what it has relocated: where the hash vector's address is none a
// relocatable image has, the image is for this address.
void mark_if_relocated(std::vector<uint8_t>& bytes) {
  constexpr uint32_t kEnd = luaflash::kHeaderWords * kWordBytes;
  if (bytes.size() < kEnd) {
    return;
  }
  const uint32_t signature = core::load_word(bytes, 0);
  const uint32_t vector = core::load_word(bytes, luaflash::kHeaderHashVector * kWordBytes);
  const bool is_current = (signature & (luaflash::kSignatureFixedMask | luaflash::kVersionMask)) ==
                          (luaflash::kSignatureFixed | luaflash::kVersion);
  if (is_current && vector - kEnd - luaflash::kFlashWindow < luaflash::kFlashWindowBytes) {
    core::store_word(bytes, 0, signature | luaflash::kAbsoluteBit);
  }
}

Form form_of(const luaflash::ImageView& view, bool compressed) {
  if (compressed) {
    return Form::kCompressed;
  }
  if (view.absolute()) {
    return Form::kAbsolute;
  }
  return view.dialect().chained ? Form::kChained : Form::kPayload;
}

}  // namespace

const char* name(Form form) {
  switch (form) {
    case Form::kCompressed:
      return "compressed";
    case Form::kPayload:
      return "payload";
    case Form::kChained:
      return "chained";
    case Form::kAbsolute:
      return "absolute";
  }
  return "";
}

ImageFile::ImageFile(std::string path, std::string file, std::vector<uint8_t> payload, Form form,
                     const luaflash::ImageView& view)
    : path_(std::move(path)),
      file_(std::move(file)),
      payload_(std::move(payload)),
      form_(form),
      view_(view) {}

luac::Flavour ImageFile::flavour() const {
  return luac::flavour_of(view_.signature());
}

Diagnostic ImageFile::at(Diagnostic diagnostic, size_t offset) const {
  diagnostic.file = path_;
  (is_compressed() ? diagnostic.payload_offset : diagnostic.offset) = offset;
  return diagnostic;
}

core::Result<ImageFile, Problem> open_image(std::string path, std::string file) {
  std::vector<uint8_t> payload(file.begin(), file.end());
  auto view = luaflash::open_image(payload);
  const bool compressed = !view && view.error() == ImageError::kGzip;
  if (compressed) {
    auto inflated = gunzip(path, payload);
    if (!inflated) {
      return inflated.error();
    }
    payload = std::move(inflated).value();
  } else {
    mark_if_relocated(payload);
  }
  view = luaflash::open_image(payload);
  if (!view) {
    return stranger(path, payload, view.error(), compressed);
  }
  if (compressed && view.value().absolute()) {
    return compressed_absolute(path, view.value());
  }
  const Form form = form_of(view.value(), compressed);
  const size_t bitmap = luaflash::bitmap_words(view.value().words() * kWordBytes) * kWordBytes;
  const bool has_bitmap = form == Form::kCompressed || form == Form::kPayload;
  if (has_bitmap && view.value().rest().size() != bitmap) {
    return no_image(path, "bitmap",
                    "behind the image there are " + host::bytes(view.value().rest().size()) +
                        "; its relocation bitmap has " + host::bytes(bitmap),
                    "");
  }
  return ImageFile(std::move(path), std::move(file), std::move(payload), form, view.value());
}

}  // namespace flashstore::lfsimg
