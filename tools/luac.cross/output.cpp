#include "output.h"

#include <algorithm>
#include <utility>

#include "base_file.h"
#include "common/printable_sources.h"
#include "depfile.h"
#include "host/build_time.h"
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

// Prepares one file of `outcome`.
void add_file(const std::string& path, std::vector<uint8_t> bytes, Outcome& outcome,
              Console& console) {
  if (outcome.status != kOk) {
    return;
  }
  auto file = host::PendingFile::prepare(path, std::move(bytes));
  if (file) {
    outcome.files.push_back(std::move(file).value());
  } else {
    outcome.status = console.error(file.error().message);
  }
}

// Prepares the output, and what depends on it.
void add_output(const Options& options, std::vector<uint8_t> bytes, Outcome& outcome,
                Console& console) {
  add_file(options.output, std::move(bytes), outcome, console);
  if (options.depfile) {
    const std::string rule = make_rule(options);
    add_file(*options.depfile, {rule.begin(), rule.end()}, outcome, console);
  }
}

Outcome make_chunk_file(const Options& options, const luac::Function& root, Console& console) {
  Outcome outcome;
  const std::string chunk = luac::write_chunk(root, options.flavour);
  add_output(options, {chunk.begin(), chunk.end()}, outcome, console);
  return outcome;
}

Outcome refuse_too_large(Report report, uint32_t limit, const char* message, Console& console) {
  Outcome outcome;
  outcome.status = console.error(message);
  for (const std::string& note : too_large_notes(report, limit)) {
    console.note(note);
  }
  outcome.report = std::move(report);
  return outcome;
}

// The flash a device maps ends; the address alone does not tell whether the image does before.
int check_window(const Options& options, const luac::Image& image, Console& console) {
  constexpr uint64_t kEnd = uint64_t{luaflash::kFlashWindow} + luaflash::kFlashWindowBytes;
  if (!options.base || uint64_t{*options.base} + image.image_bytes <= kEnd) {
    return kOk;
  }
  const char* message = "the image ends behind the first MiB of flash, which is all a device maps";
  if (options.strict) {
    return console.error(message);
  }
  console.warning(message);
  return kOk;
}

std::vector<uint8_t> file_of(const Options& options, const luac::Image& image,
                             const luac::BaseImage& base) {
  if (options.attach_to) {
    return luac::make_attachable(image, *options.base, base);
  }
  return options.base ? luac::make_absolute(image, *options.base)
                      : image::gzip(image.payload, options.compression);
}

Outcome make_image_file(const Options& options, const luac::Function& master,
                        const luac::BaseImage& base, uint32_t unstripped_bytes, Console& console) {
  const luac::Image image = luac::write_image(master, options.flavour, base);
  if (const auto overlap =
          options.attach_to ? find_overlap(options, base, image.image_bytes) : std::nullopt) {
    console.error(overlap->message);
    console.note(overlap->note);
    return failed(kFailed);
  }
  Report report = make_report(master, image, options.flavour, options.max_bytes);
  report.stripped_bytes = std::max(unstripped_bytes, image.image_bytes) - image.image_bytes;
  constexpr uint32_t kLimit = luaflash::kMaxImageWords * luaflash::kWordBytes;
  if (image.image_bytes > kLimit) {
    return refuse_too_large(report, kLimit, "Out of Flash memory", console);
  }
  Outcome outcome;
  if (report.fits()) {
    std::vector<uint8_t> file = file_of(options, image, base);
    report.file_bytes = static_cast<uint32_t>(file.size());
    outcome.status = check_window(options, image, console);
    add_output(options, std::move(file), outcome, console);
  }
  if (outcome.status != kOk) {
    report.file_bytes = 0;
    outcome.report = report;
    return outcome;
  }
  if (!options.json && options.output != "-") {
    console.result("Image size: " + std::to_string(image.image_bytes) + "\n");
  }
  if (!report.fits()) {
    return refuse_too_large(report, *options.max_bytes,
                            "The image is too large for specfied LFS size", console);
  }
  if (!options.quiet) {
    console.note(summary(report));
  }
  outcome.report = report;
  return outcome;
}

luac::Function join(const Options& options, std::vector<luac::Module> modules, uint32_t time) {
  if (options.image || options.lookup) {
    const bool integer = options.flavour == luac::Flavour::kInt;
    // An int32 wraps in 2038, as the original's does.
    return luac::make_master(std::move(modules),
                             integer ? static_cast<int32_t>(time) : double(time));
  }
  return modules.size() == 1 ? std::move(modules[0].main) : luac::make_sequence(std::move(modules));
}

}  // namespace

Outcome make_outputs(const Options& options, Inputs inputs, Console& console) {
  if (inputs.modules.size() > luac::kMaxModules) {
    return failed(
        console.usage_error("'-f': Number of modules > " + std::to_string(luac::kMaxModules)));
  }
  const auto time = host::build_time();
  if (!time) {
    return failed(console.error(time.error().message));
  }
  luac::Function root = join(options, std::move(inputs.modules), time.value());
  uint32_t unstripped_bytes = 0;
  if (options.image && options.strip > 0) {
    unstripped_bytes = luac::write_image(root, options.flavour, inputs.base).image_bytes;
  }
  strip_modules(root, options);
  if (options.list > 0) {
    luac::Function listed = root;
    tools::make_sources_printable(listed);
    console.result(luac::list(listed, options.list > 1));
  }
  if (options.parse_only) {
    return {};
  }
  if (options.image) {
    return make_image_file(options, root, inputs.base, unstripped_bytes, console);
  }
  return make_chunk_file(options, root, console);
}

}  // namespace flashstore::luac_cross
