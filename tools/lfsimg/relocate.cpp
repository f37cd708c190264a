// lfsimg relocate: an image for another address, or for any.
#include <memory>

#include "arguments.h"
#include "host/json.h"
#include "host/numbers.h"
#include "host/quantities.h"
#include "image/gzip.h"
#include "relocatable.h"
#include "verbs.h"

namespace flashstore::lfsimg {
namespace {

using host::Json;
using luaflash::kWordBytes;

struct RelocateOptions {
  std::string image;
  std::string output;
  std::optional<uint32_t> base;
  bool relocatable = false;
  image::Compression compression = image::Compression::kDefault;
};

// Of 2018 only what has been flashed is of use, and of its first month not even that is known.
std::optional<host::Diagnostic> refusal(const ImageFile& image, const RelocateOptions& options) {
  const luaflash::Generation generation = image.view().generation();
  const bool writable = options.base ? generation != luaflash::Generation::kMarch2018
                                     : !image.view().dialect().chained;
  if (writable) {
    return std::nullopt;
  }
  return host::Diagnostic{
      .id = "chained-image",
      .message = "this is an image for firmware of early 2018, which takes no " +
                 std::string(options.base ? "such address" : "compressed one"),
      .hint = "build it anew with luac.cross",
      .file = image.path()};
}

std::vector<uint8_t> at_any_address(Relocatable image, image::Compression compression) {
  image.image.insert(image.image.end(), image.bitmap.begin(), image.bitmap.end());
  return image::gzip(image.image, compression);
}

// The flash a device maps ends; the address alone does not tell whether the image does before.
void warn_of_window(const RelocateOptions& options, uint32_t image_bytes, Job& job) {
  constexpr uint64_t kEnd = uint64_t{luaflash::kFlashWindow} + luaflash::kFlashWindowBytes;
  if (options.base && uint64_t{*options.base} + image_bytes > kEnd) {
    job.report(
        {.id = "behind-window",
         .severity = host::Severity::kWarning,
         .message = "the image ends behind the first MiB of flash, which is all a device maps",
         .file = options.image});
  }
}

int run_relocate(const RelocateOptions& options, Job& job) {
  if (options.base.has_value() == options.relocatable) {
    return job.usage_error("either --base ADDR or --relocatable is needed",
                           "'lfsimg relocate --help' tells more");
  }
  if (options.output == "-" && job.json()) {
    return job.usage_error("'--json' and '-o -' both want stdout", "name a file after -o");
  }
  if (job.overwrites(options.image, options.output)) {
    return host::kUsage;
  }
  const auto image = job.open(options.image);
  if (!image) {
    return job.fail(image.error());
  }
  if (const auto found = refusal(image.value(), options)) {
    return job.fail({host::kNo, *found});
  }
  auto relocatable = make_relocatable(image.value());
  if (!relocatable) {
    return job.fail(relocatable.error());
  }
  const auto image_bytes = static_cast<uint32_t>(relocatable.value().image.size());
  warn_of_window(options, image_bytes, job);
  std::vector<uint8_t> file =
      options.base ? at_address(std::move(relocatable).value(), *options.base)
                   : at_any_address(std::move(relocatable).value(), options.compression);
  const std::string form = options.base ? "absolute, at " + host::hex(*options.base)
                                        : "relocatable, for node.flashreload";
  job.field("form") = name(options.base ? Form::kAbsolute : Form::kCompressed);
  job.field("base") = options.base ? Json(*options.base) : Json(nullptr);
  job.field("image_size") = image_bytes;
  job.field("output") =
      Job::describe(options.output, {reinterpret_cast<const char*>(file.data()), file.size()});
  const std::string size = host::bytes(file.size());
  const int status = job.write(options.output, std::move(file));
  if (status == host::kOk) {
    job.summary((options.output == "-" ? "stdout" : options.output) + ": " + form + ", " + size);
  }
  return status;
}

}  // namespace

void add_relocate(Verbs& verbs) {
  auto options = std::make_shared<RelocateOptions>();
  tools::CommandLine line =
      verbs.add("relocate", "an image for another address, or for any",
                "  lfsimg relocate --base 0x40280000 -o lfs.img luac.out\n"
                "  lfsimg relocate --relocatable --compress best -o luac.out lfs.img",
                [options](Job& job) { return run_relocate(*options, job); });
  const tools::Option base =
      add_address(line, "--base", options->base, "make it absolute, for this address");
  line.flag("--relocatable", options->relocatable, "make it relocatable, for node.flashreload");
  add_choice(line, "--compress", "LEVEL", image::kCompressionNames, options->compression,
             "the relocatable file")
      .excludes(base);
  line.option("-o,--output", "NAME", options->output, "output file, '-' is stdout").required();
  add_image(line, options->image);
}

}  // namespace flashstore::lfsimg
