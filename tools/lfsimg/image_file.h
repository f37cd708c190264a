// A file taken for an LFS image: read, its envelope taken off, its image open to be looked into.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "host/job.h"
#include "luac/target.h"
#include "luaflash/image_view.h"

namespace flashstore::lfsimg {

enum class Form : uint8_t {
  kCompressed,  // image and bitmap in a gzip member, for node.flashreload
  kPayload,     // the same, not compressed
  kChained,     // a relocatable image of 2018, its addresses chained
  kAbsolute,    // an image for one address, for flashing; or as it lies in flash
};

// "compressed", "payload", "chained", "absolute".
const char* name(Form form);

using host::Problem;

// Far more than any image: a stored one has 264 KiB, the flash a chip maps 1 MiB.
inline constexpr size_t kMaxFileBytes = 4 << 20;

class ImageFile {
 public:
  const std::string& path() const { return path_; }
  std::span<const uint8_t> file() const {
    return {reinterpret_cast<const uint8_t*>(file_.data()), file_.size()};
  }
  Form form() const { return form_; }
  bool is_compressed() const { return form_ == Form::kCompressed; }

  // What the file holds, out of its envelope: the image and what follows it.
  std::span<const uint8_t> payload() const { return payload_; }
  const luaflash::ImageView& view() const { return view_; }
  luac::Flavour flavour() const;

  // Where byte `offset` of the payload is, for a diagnostic.
  host::Diagnostic at(host::Diagnostic diagnostic, size_t offset) const;

  // Only the memory is copied on a move, not what points into it.
  ImageFile(ImageFile&&) = default;
  ImageFile& operator=(ImageFile&&) = default;

 private:
  friend core::Result<ImageFile, Problem> open_image(std::string path, std::string file);

  ImageFile(std::string path, std::string file, std::vector<uint8_t> payload, Form form,
            const luaflash::ImageView& view);

  std::string path_;
  std::string file_;
  std::vector<uint8_t> payload_;
  Form form_;
  luaflash::ImageView view_;  // of payload_
};

// Recognises `file`, read from `path`, and opens the image in it. All that is known of an image
// then is what luaflash::open_image looks at.
core::Result<ImageFile, Problem> open_image(std::string path, std::string file);

}  // namespace flashstore::lfsimg
