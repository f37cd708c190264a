#include "output.h"

#include <utility>

#include "build_time.h"
#include "depfile.h"
#include "host/files.h"
#include "host/quantities.h"
#include "image/gzip.h"
#include "luac/chunk.h"
#include "luac/image_writer.h"
#include "luac/listing.h"
#include "luac/strip.h"
#include "luaflash/format.h"
#include "report.h"

namespace flashstore::luac_cross {
namespace {

constexpr const char* kCommonSource = "=?";  // of all functions, stripped to the last

// Strips modules, not the master: its source names the compiler.
void strip_modules(luac::Function& root, const Options& options) {
  if (options.strip == 0) {
    return;
  }
  if (!options.image) {  // as luac does for bytecode
    luac::strip(root, luac::Strip::kSources);
    return;
  }
  const auto level = options.strip == 1 ? luac::Strip::kLines : luac::Strip::kSources;
  for (luac::Function& module : root.children) {
    luac::strip(module, level, kCommonSource);
  }
}

int write_bytes(const Options& options, std::span<const uint8_t> bytes, Console& console) {
  if (console.finish(kOk) != kOk) {  // so that a listing comes before an image on stdout
    return kFailed;
  }
  if (const auto failed = host::write_file(options.output, bytes)) {
    return console.error(failed->message);
  }
  return options.depfile ? write_depfile(options, console) : kOk;
}

int write_chunk_file(const Options& options, const luac::Function& root, Console& console) {
  const std::string chunk = luac::write_chunk(root, options.flavour);
  return write_bytes(options, {reinterpret_cast<const uint8_t*>(chunk.data()), chunk.size()},
                     console);
}

int refuse_too_large(const Report& report, uint32_t limit, const char* message, Console& console) {
  console.error(message);
  for (const std::string& note : too_large_notes(report, limit)) {
    console.note(note);
  }
  return kFailed;
}

Outcome write_image_file(const Options& options, const luac::Function& master,
                         uint32_t unstripped_bytes, Console& console) {
  const luac::Image image = luac::write_image(master, options.flavour);
  Report report = make_report(master, image, options.flavour, options.max_bytes);
  report.stripped_bytes = unstripped_bytes == 0 ? 0 : unstripped_bytes - image.image_bytes;
  constexpr uint32_t kLimit = luaflash::kMaxImageWords * luaflash::kWordBytes;
  if (image.image_bytes > kLimit) {
    return {refuse_too_large(report, kLimit, "Out of Flash memory", console), report};
  }
  if (report.fits()) {
    const std::vector<uint8_t> file = options.base
                                          ? luac::make_absolute(image, *options.base)
                                          : image::gzip(image.payload, options.compression);
    if (const int status = write_bytes(options, file, console); status != kOk) {
      return {status, report};
    }
    report.file_bytes = static_cast<uint32_t>(file.size());
  }
  if (!options.json && options.output != "-") {
    console.result("Image size: " + std::to_string(image.image_bytes) + "\n");
  }
  if (!report.fits()) {
    const char* message = "The image is too large for specfied LFS size";
    return {refuse_too_large(report, *options.max_bytes, message, console), report};
  }
  if (!options.quiet) {
    console.note(summary(report));
  }
  return {kOk, report};
}

luac::Function join(const Options& options, std::vector<luac::Module> modules, uint32_t time) {
  if (options.image || options.lookup) {
    return luac::make_master(std::move(modules), time);
  }
  return modules.size() == 1 ? std::move(modules[0].main) : luac::make_sequence(std::move(modules));
}

}  // namespace

Outcome write_outputs(const Options& options, Inputs inputs, Console& console) {
  if (inputs.modules.size() > luac::kMaxModules) {
    return {console.usage_error("'-f': Number of modules > " + std::to_string(luac::kMaxModules)),
            {}};
  }
  const auto time = build_time();
  if (!time) {
    return {console.error(time.error().message), {}};
  }
  luac::Function root = join(options, std::move(inputs.modules), time.value());
  uint32_t unstripped_bytes = 0;
  if (options.image && options.strip > 0) {
    unstripped_bytes = luac::write_image(root, options.flavour).image_bytes;
  }
  strip_modules(root, options);
  if (options.list > 0) {
    console.result(luac::list(root, options.list > 1));
  }
  if (options.parse_only) {
    return {};
  }
  if (options.image) {
    return write_image_file(options, root, unstripped_bytes, console);
  }
  return {write_chunk_file(options, root, console), {}};
}

}  // namespace flashstore::luac_cross
