// lfsimg strings: the texts of an image.
#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "arguments.h"
#include "host/json.h"
#include "host/numbers.h"
#include "host/printable.h"
#include "host/table.h"
#include "modules.h"
#include "verbs.h"

namespace flashstore::lfsimg {
namespace {

using host::Json;
using luaflash::kWordBytes;

struct StringsOptions {
  std::string image;
  bool details = false;
  bool all = false;
};

// What functions use a string for; one may serve as several.
enum Use : size_t { kConstant, kSource, kName, kLineMap };
constexpr std::array<std::string_view, 4> kUseNames{"constant", "source", "name", "line-map"};

using Uses = std::array<uint32_t, kUseNames.size()>;

struct ImageString {
  uint32_t offset;  // in words
  uint32_t hash;
  std::string text;
  Uses uses;

  bool is_line_map_only() const {
    return uses[kLineMap] != 0 && uses[kConstant] + uses[kSource] + uses[kName] == 0;
  }
};

class Collector {
 public:
  explicit Collector(const luaflash::ImageView& view) : view_(view), uses_(view.words()) {}

  void collect(const luaflash::ProtoObject& proto) {
    count(proto.source, kSource);
    count(proto.line_map, kLineMap);
    for (uint32_t i = 0; i < proto.constants.count; ++i) {
      const auto constant = view_.constant_at(proto.constants.offset + i * view_.tvalue_words());
      if (constant && constant->tag == luaflash::kTagString) {
        count(constant->string, kConstant);
      }
    }
    for (uint32_t i = 0; i < proto.upvalue_names.count; ++i) {
      count(view_.target(proto.upvalue_names.offset + i), kName);
    }
    for (uint32_t i = 0; i < proto.locals.count; ++i) {
      count(view_.target(proto.locals.offset + i * luaflash::kLocalWords + luaflash::kLocalName),
            kName);
    }
  }

  const Uses& uses(uint32_t offset) const { return uses_[offset]; }

 private:
  void count(uint32_t offset, Use use) {
    ++uses_[offset][use];  // 0 stands for none, which is not asked for
  }

  const luaflash::ImageView& view_;
  std::vector<Uses> uses_;  // by offset
};

// Strings follow each other behind the hash vector.
core::Result<std::vector<ImageString>, Problem> read_strings(const ImageFile& image) {
  const luaflash::ImageView& view = image.view();
  Collector collector(view);
  uint32_t budget = function_budget(view);
  const auto bad =
      for_each_function(view, view.main(), budget,
                        [&](const luaflash::ProtoObject& proto) { collector.collect(proto); });
  if (bad) {
    return damaged(image, *bad, "there should be a function here");
  }
  std::vector<ImageString> strings;
  uint32_t offset = view.strings_begin();
  for (uint32_t i = 0; i < view.string_count(); ++i) {
    const auto string = view.string_at(offset);
    if (!string) {
      return damaged(image, offset, "there should be a string here");
    }
    strings.push_back({offset, string->hash, text_at(view, offset), collector.uses(offset)});
    offset = string->end;
  }
  return strings;
}

std::string hex_digits(std::string_view bytes) {
  std::string digits;
  for (const char byte : bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    digits += kDigits[static_cast<uint8_t>(byte) >> 4];
    digits += kDigits[static_cast<uint8_t>(byte) & 15];
  }
  return digits;
}

Json to_json(const ImageString& string) {
  Json uses = Json::object();
  for (size_t use = 0; use < string.uses.size(); ++use) {
    uses[std::string(kUseNames[use])] = string.uses[use];
  }
  return {{"offset", string.offset * kWordBytes},
          {"length", string.text.size()},
          {"hash", string.hash},
          {"uses", uses},
          {"text", string.text},
          {"hex", host::is_utf8(string.text) ? Json(nullptr) : Json(hex_digits(string.text))}};
}

std::string uses_text(const ImageString& string) {
  std::string text;
  for (size_t use = 0; use < string.uses.size(); ++use) {
    if (string.uses[use] != 0) {
      text += (text.empty() ? "" : ",") + std::string(kUseNames[use]);
    }
  }
  return text.empty() ? "-" : text;
}

std::string as_text(const std::vector<ImageString>& strings, bool details) {
  std::string text;
  std::vector<std::vector<std::string>> rows{{"offset", "bytes", "hash", "use", "text"}};
  for (const ImageString& string : strings) {
    text += host::printable(string.text) + "\n";
    rows.push_back({host::hex(string.offset * kWordBytes), std::to_string(string.text.size()),
                    host::hex(string.hash), uses_text(string), host::printable(string.text)});
  }
  return details ? host::table("rrrll", rows) : text;
}

int run_strings(const StringsOptions& options, Job& job) {
  const auto image = job.open(options.image);
  if (!image) {
    return job.fail(image.error());
  }
  auto strings = read_strings(image.value());
  if (!strings) {
    return job.fail(strings.error());
  }
  if (!options.all) {
    std::erase_if(strings.value(), [](const auto& string) { return string.is_line_map_only(); });
  }
  Json& list = job.field("strings") = Json::array();
  for (const ImageString& string : strings.value()) {
    list.push_back(to_json(string));
  }
  job.result(as_text(strings.value(), options.details));
  return host::kOk;
}

}  // namespace

void add_strings(Verbs& verbs) {
  auto options = std::make_shared<StringsOptions>();
  tools::CommandLine line =
      verbs.add("strings", "the texts of an image, one a line",
                "  lfsimg strings luac.out\n  lfsimg strings -l --all luac.out",
                [options](Job& job) { return run_strings(*options, job); });
  line.flag("-l,--long", options->details, "with offset, length, hash and use");
  line.flag("-a,--all", options->all, "line maps too");
  add_image(line, options->image);
}

}  // namespace flashstore::lfsimg
