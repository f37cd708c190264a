// lfsimg info: what an image is.
#include <array>
#include <ctime>
#include <memory>

#include "arguments.h"
#include "host/json.h"
#include "host/numbers.h"
#include "host/quantities.h"
#include "host/table.h"
#include "luac/target.h"
#include "luaflash/relocate.h"
#include "modules.h"
#include "verbs.h"

namespace flashstore::lfsimg {
namespace {

using host::Json;
using luaflash::Generation;

struct InfoOptions {
  std::string image;
};

constexpr std::array<uint32_t, 3> kPartitions{64 << 10, 128 << 10, 256 << 10};

// As JSON has it, and in words.
struct GenerationName {
  const char* id;
  const char* text;
};

GenerationName name(Generation generation) {
  switch (generation) {
    case Generation::kMarch2018:
      return {"2018-03", "March 2018 (alpha)"};
    case Generation::kApril2018:
      return {"2018-04", "April to August 2018"};
    case Generation::kSeptember2018:
      return {"2018-09", "September 2018 to March 2020"};
    case Generation::kApril2020:
      return {"2020-04", "April 2020 and later"};
  }
  return {"", ""};
}

std::string describe(Form form) {
  switch (form) {
    case Form::kCompressed:
      return "relocatable, compressed: for node.flashreload";
    case Form::kPayload:
      return "relocatable, not compressed: for no device as it is";
    case Form::kChained:
      return "relocatable, addresses chained";
    case Form::kAbsolute:
      return "absolute: for flashing";
  }
  return "";
}

std::string utc(uint32_t seconds, const char* format) {
  const std::time_t time = seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[40];
  return {text, std::strftime(text, sizeof text, format, &parts)};
}

uint32_t image_bytes(const ImageFile& image) {
  return image.view().words() * luaflash::kWordBytes;
}

uint32_t bitmap_bytes(const ImageFile& image) {
  const bool has_one = image.form() == Form::kCompressed || image.form() == Form::kPayload;
  return has_one ? luaflash::bitmap_words(image_bytes(image)) * luaflash::kWordBytes : 0;
}

void set_fields(const ImageFile& image, const Contents& contents, Job& job) {
  const luaflash::ImageView& view = image.view();
  job.field("form") = name(image.form());
  job.field("generation") = name(view.generation()).id;
  job.field("flavour") = name(image.flavour());
  job.field("signature") = view.signature();
  job.field("base") = view.absolute() ? Json(view.base()) : Json(nullptr);
  job.field("file_size") = image.file().size();
  job.field("payload_size") = image.payload().size();
  job.field("image_size") = image_bytes(image);
  job.field("bitmap_size") = bitmap_bytes(image);
  job.field("modules") = contents.modules.size();
  job.field("functions") = contents.functions;
  job.field("strings") = view.string_count();
  job.field("hash_slots") = view.hash_slots();
  const auto& time = contents.build_time;
  job.field("build_time") = time ? Json(*time) : Json(nullptr);
  job.field("build_time_utc") = time ? Json(utc(*time, "%Y-%m-%dT%H:%M:%SZ")) : Json(nullptr);
  Json& fits = job.field("fits") = Json::array();
  for (const uint32_t partition : kPartitions) {
    fits.push_back({{"partition", partition}, {"fits", image_bytes(image) <= partition}});
  }
}

std::string as_text(const ImageFile& image, const Contents& contents) {
  const luaflash::ImageView& view = image.view();
  std::string form = describe(image.form());
  if (view.absolute()) {
    form += " at " + host::hex(view.base());
  }
  std::string file = host::bytes(image.file().size());
  if (image.is_compressed()) {
    file += ", " + host::percent(image.file().size(), image.payload().size()) + " of " +
            host::bytes(image.payload().size());
  }
  std::string fits;
  for (const uint32_t partition : kPartitions) {
    const uint32_t bytes = image_bytes(image);
    fits += (fits.empty() ? "" : ", ") + std::to_string(partition >> 10) + " KiB " +
            (bytes <= partition ? "(" + host::percent(bytes, partition) + ")" : "no");
  }
  return host::table(
      "ll",
      {{"form", form},
       {"generation", name(view.generation()).text},
       {"numbers", std::string(name(image.flavour()))},
       {"built", contents.build_time ? utc(*contents.build_time, "%Y-%m-%d %H:%M:%S UTC") : "?"},
       {"file", file},
       {"image", host::bytes(image_bytes(image))},
       {"modules", host::count(contents.modules.size(), "module") + ", " +
                       host::count(contents.functions, "function")},
       {"strings", host::count(view.string_count(), "string") + ", " +
                       host::count(view.hash_slots(), "hash slot")},
       {"partition", fits}});
}

int run_info(const InfoOptions& options, Job& job) {
  const auto image = job.open(options.image);
  if (!image) {
    return job.fail(image.error());
  }
  const auto contents = read_contents(image.value());
  if (!contents) {
    return job.fail(contents.error());
  }
  set_fields(image.value(), contents.value(), job);
  job.result(as_text(image.value(), contents.value()));
  return host::kOk;
}

}  // namespace

void add_info(Verbs& verbs) {
  auto options = std::make_shared<InfoOptions>();
  tools::CommandLine line = verbs.add("info", "what an image is: kind, sizes, where it fits",
                                      "  lfsimg info luac.out\n  lfsimg info --json luac.out",
                                      [options](Job& job) { return run_info(*options, job); });
  add_image(line, options->image);
}

}  // namespace flashstore::lfsimg
