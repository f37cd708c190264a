// lfsimg size: what the bytes of an image are spent on.
#include <algorithm>
#include <functional>
#include <memory>
#include <numeric>

#include "arguments.h"
#include "attributed.h"
#include "host/json.h"
#include "host/printable.h"
#include "host/quantities.h"
#include "host/table.h"
#include "kinds.h"
#include "treemap.h"
#include "verbs.h"

namespace flashstore::lfsimg {
namespace {

using host::Json;
using image::Attribution;
using image::Kind;
using image::KindBytes;
using image::Owner;
using image::OwnerType;

enum class By : uint8_t { kModule, kFunction, kKind };

constexpr std::array<std::pair<std::string_view, By>, 3> kGroupings{
    {{"module", By::kModule}, {"function", By::kFunction}, {"kind", By::kKind}}};

struct SizeOptions {
  std::string image;
  std::optional<uint32_t> top;
  By by = By::kModule;
  bool csv = false;
  std::optional<std::string> html;
};

// A line of the table.
struct Row {
  uint64_t bytes;
  KindBytes kinds;
  std::string what;
};

// --- JSON ---

Json function_to_json(const Attribution& sizes, uint32_t index) {
  const Owner& owner = sizes.owners[index];
  return {{"name", owner.name.empty() ? Json(nullptr) : Json(owner.name)},
          {"path", path(sizes, index)},
          {"line_defined", owner.line_defined},
          {"last_line_defined", owner.last_line_defined},
          {"offset", owner.proto * luaflash::kWordBytes},
          {"total", owner.total},
          {"bytes", owner.bytes},
          {"kinds", to_json(owner.own)}};
}

void set_fields(const ImageFile& image, const Attribution& sizes, Job& job) {
  job.field("total") =
      std::accumulate(sizes.ranges.begin(), sizes.ranges.end(), uint64_t{0},
                      [](uint64_t sum, const image::Range& range) { return sum + range.bytes; });
  job.field("payload_size") = image.payload().size();
  job.field("file_size") = image.file().size();
  job.field("ratio") =
      static_cast<double>(image.file().size()) / static_cast<double>(image.payload().size());
  job.field("kinds") = to_json(sizes.by_kind, true);
  Json modules = Json::array();
  for (uint32_t i = 0; i < sizes.owners.size(); ++i) {
    const Owner& owner = sizes.owners[i];
    if (owner.type == OwnerType::kModule) {
      modules.push_back({{"name", owner.name},
                         {"total", owner.total},
                         {"bytes", owner.bytes},
                         {"kinds", to_json(owner.own)},
                         {"functions", Json::array()}});
    } else if (owner.type == OwnerType::kFunction) {
      modules.back()["functions"].push_back(function_to_json(sizes, i));
    } else {
      job.field(label(owner)) = {{"bytes", owner.bytes}, {"kinds", to_json(owner.own)}};
    }
  }
  job.field("modules") = std::move(modules);
}

// --- table ---

std::vector<Row> rows_by_kind(const Attribution& sizes) {
  std::vector<Row> rows;
  for (size_t i = 0; i < image::kKinds; ++i) {
    if (sizes.by_kind[i] != 0) {
      rows.push_back({sizes.by_kind[i], {}, name(kind_at(i))});
    }
  }
  return rows;
}

std::string describe(const Attribution& sizes, uint32_t index, By by) {
  switch (sizes.owners[index].type) {
    case OwnerType::kImage:
      return sizes.by_kind[static_cast<size_t>(Kind::kGap)] == 0
                 ? "(image: header, hash vector, bitmap)"
                 : "(image: header, hash vector, bitmap, gaps)";
    case OwnerType::kShared:
      return "(shared: strings of several modules)";
    case OwnerType::kMaster:
      return "(master: finds the modules)";
    case OwnerType::kModule:
    case OwnerType::kFunction:
      break;
  }
  const bool is_module = sizes.owners[index].type == OwnerType::kModule;
  return host::printable(title(sizes, index)) +
         (is_module && by == By::kFunction ? ": strings of several functions" : "");
}

std::vector<Row> rows_by_owner(const Attribution& sizes, By by) {
  const std::vector<KindBytes> totals = totals_by_kind(sizes);
  std::vector<Row> rows;
  for (uint32_t i = 0; i < sizes.owners.size(); ++i) {
    const Owner& owner = sizes.owners[i];
    const bool listed = by == By::kFunction ? owner.bytes != 0 : owner.parent == image::kNoOwner;
    if (listed) {
      rows.push_back({by == By::kFunction ? owner.bytes : owner.total,
                      by == By::kFunction ? owner.own : totals[i], describe(sizes, i, by)});
    }
  }
  return rows;
}

// The largest first; of many, what is left in one.
void shorten(std::vector<Row>& rows, std::optional<uint32_t> top) {
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.bytes > b.bytes; });
  if (!top || rows.size() <= *top) {
    return;
  }
  Row rest{0, {}, "(" + std::to_string(rows.size() - *top) + " more)"};
  for (size_t i = *top; i < rows.size(); ++i) {
    rest.bytes += rows[i].bytes;
    std::transform(rest.kinds.begin(), rest.kinds.end(), rows[i].kinds.begin(), rest.kinds.begin(),
                   std::plus<>());
  }
  rows.resize(*top);
  rows.push_back(std::move(rest));
}

constexpr std::array kColumns{Kind::kCode, Kind::kConstants, Kind::kStrings, Kind::kLineMap,
                              Kind::kProto};

std::vector<std::string> cells(const Row& row, uint64_t total, By by) {
  std::vector<std::string> found{std::to_string(row.bytes), host::percent(row.bytes, total)};
  if (by != By::kKind) {
    uint64_t other = row.bytes;
    for (const Kind kind : kColumns) {
      const uint64_t bytes = row.kinds[static_cast<size_t>(kind)];
      found.push_back(std::to_string(bytes));
      other -= bytes;
    }
    found.push_back(std::to_string(other));
  }
  found.push_back(row.what);
  return found;
}

std::string as_table(const Attribution& sizes, const SizeOptions& options) {
  std::vector<Row> rows =
      options.by == By::kKind ? rows_by_kind(sizes) : rows_by_owner(sizes, options.by);
  shorten(rows, options.top);
  std::vector<std::string> head{"bytes", "share"};
  if (options.by != By::kKind) {
    for (const Kind kind : kColumns) {
      head.emplace_back(name(kind));
    }
    head.emplace_back("other");
  }
  for (const auto& [name, by] : kGroupings) {
    if (by == options.by) {
      head.emplace_back(name);
    }
  }
  const std::string alignment(head.size() - 1, 'r');
  std::vector<std::vector<std::string>> lines{std::move(head)};
  for (const Row& row : rows) {
    lines.push_back(cells(row, sizes.payload_bytes, options.by));
  }
  lines.push_back(
      cells({sizes.payload_bytes, sizes.by_kind, "total"}, sizes.payload_bytes, options.by));
  return host::table(alignment + "l", lines);
}

// --- CSV ---

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : host::printable(text)) {
    out += c;
    if (c == '"') {
      out += c;
    }
  }
  return out + "\"";
}

// Owners in the image's order, with what is their own: the column `bytes` adds up.
std::string as_csv(const Attribution& sizes) {
  constexpr std::array kTypes = {"image", "shared", "master", "module", "function"};
  std::string text = "type,path,bytes";
  for (size_t i = 0; i < image::kKinds; ++i) {
    text += "," + id(kind_at(i));
  }
  text += "\n";
  for (uint32_t i = 0; i < sizes.owners.size(); ++i) {
    const Owner& owner = sizes.owners[i];
    text += std::string(kTypes[static_cast<size_t>(owner.type)]) + "," + quoted(path(sizes, i)) +
            "," + std::to_string(owner.bytes);
    for (const uint64_t bytes : owner.own) {
      text += "," + std::to_string(bytes);
    }
    text += "\n";
  }
  return text;
}

// --- the verb ---

int run_size(const SizeOptions& options, Job& job) {
  return report_sizes(
      {.image = options.image,
       .picture = options.html,
       .picture_option = "--html",
       .text_wanted = options.csv,
       .text =
           [&](const ImageFile& file, const Attribution& sizes) {
             return options.csv ? as_csv(sizes) : as_table(sizes, options) + summary(file) + "\n";
           },
       .set_fields = [&](const ImageFile& file,
                         const Attribution& sizes) { set_fields(file, sizes, job); },
       .draw = treemap},
      job);
}

}  // namespace

void add_size(Verbs& verbs) {
  auto options = std::make_shared<SizeOptions>();
  tools::CommandLine line =
      verbs.add("size", "what the bytes of an image are spent on",
                "  lfsimg size luac.out\n  lfsimg size -n 10 --by function luac.out\n"
                "  lfsimg size --html sizes.html luac.out",
                [options](Job& job) { return run_size(*options, job); });
  const tools::Option by =
      add_choice(line, "--by", "WHAT", kGroupings, options->by, "a line for each");
  line.flag(
          "--functions", [options] { options->by = By::kFunction; }, "the same as --by function")
      .excludes(by);
  line.option("-n,--top", "N", options->top, "only the N largest").range(1u, 1u << 20);
  line.flag("--csv", options->csv, "comma-separated: all owners and kinds");
  line.option("--html", "FILE", options->html,
              "also write a picture, one page that needs no network; '-' is stdout");
  add_image(line, options->image);
}

}  // namespace flashstore::lfsimg
