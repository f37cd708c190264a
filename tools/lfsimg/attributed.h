// What the verbs that tell of sizes share.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "image/attribution.h"
#include "image_file.h"
#include "job.h"

namespace flashstore::lfsimg {

// The owners of the file's payload. Warns of an image that is damaged.
image::Attribution attribute_file(const ImageFile& file, Job& job);

// What a verb tells of the sizes of an image: as text or JSON on stdout, and as a picture in a
// file.
struct SizesReport {
  std::string image;                   // file
  std::optional<std::string> picture;  // file, "-" is stdout; without one it is not drawn
  std::string picture_option;          // its name, for messages
  bool text_wanted = false;            // explicitly: then stdout has no room for the picture
  std::function<std::string(const ImageFile&, const image::Attribution&)> text;
  std::function<void(const ImageFile&, const image::Attribution&)> set_fields;
  std::function<std::string(const ImageFile&, const image::Attribution&)> draw;
};

// Returns the exit status.
int report_sizes(const SizesReport& report, Job& job);

// By kind what each owner has together with those inside it.
std::vector<image::KindBytes> totals_by_kind(const image::Attribution& attribution);

// The owner's path; "(shared)" for what is none of a module; of functions nested deeply only the
// innermost: "net > ... > retry (40-44)". Bytes of any kind.
std::string title(const image::Attribution& attribution, uint32_t owner);

// "payload 5,108 B (5.0 KiB), file 2,475 B (2.4 KiB): 48.5 %".
std::string summary(const ImageFile& file);

// The file's name without folders, fit to be shown.
std::string title(const ImageFile& file);

}  // namespace flashstore::lfsimg
