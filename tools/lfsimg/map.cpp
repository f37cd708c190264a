// lfsimg map: where in an image what lies.
#include <algorithm>
#include <memory>

#include "arguments.h"
#include "attributed.h"
#include "host/json.h"
#include "host/numbers.h"
#include "host/quantities.h"
#include "host/table.h"
#include "kinds.h"
#include "map_svg.h"
#include "verbs.h"

namespace flashstore::lfsimg {
namespace {

using host::Json;
using image::Attribution;
using image::Kind;
using image::KindBytes;

struct MapOptions {
  std::string image;
  uint32_t width = 64;
  std::optional<std::string> svg;
};

constexpr uint64_t kMostLines = 32;
constexpr uint64_t kSmallestCell = 4;

void set_fields(const ImageFile& image, const Attribution& sizes, Job& job) {
  job.field("payload_size") = image.payload().size();
  job.field("kinds") = to_json(sizes.by_kind, true);
  Json& ranges = job.field("ranges") = Json::array();
  for (const image::Range& range : sizes.ranges) {
    ranges.push_back({{"offset", range.offset},
                      {"bytes", range.bytes},
                      {"kind", id(range.kind)},
                      {"owner", path(sizes, range.owner)}});
  }
}

// Bytes of a cell: a power of two, so that lines begin at round offsets.
uint64_t cell_bytes(uint64_t payload_bytes, uint32_t width) {
  uint64_t bytes = kSmallestCell;
  while (bytes * width * kMostLines < payload_bytes) {
    bytes *= 2;
  }
  return bytes;
}

// The kind most bytes of each cell are of; of as many, the first.
std::vector<Kind> cells(const Attribution& sizes, uint64_t bytes) {
  std::vector<Kind> found;
  KindBytes here{};
  uint64_t end = bytes;
  const auto close = [&] {
    found.push_back(
        kind_at(static_cast<size_t>(std::max_element(here.begin(), here.end()) - here.begin())));
    here = {};
    end += bytes;
  };
  for (const image::Range& range : sizes.ranges) {
    uint64_t at = range.offset;
    const uint64_t range_end = at + range.bytes;
    while (at < range_end) {
      const uint64_t part = std::min(range_end, end) - at;
      here[static_cast<size_t>(range.kind)] += part;
      at += part;
      if (at == end) {
        close();
      }
    }
  }
  if (sizes.payload_bytes % bytes != 0) {
    close();
  }
  return found;
}

// A run of cells of one kind. With colours its letters are black on the kind's.
std::string shown(Kind kind, size_t count, bool colours) {
  const std::string glyphs(count, look(kind).glyph);
  return colours ? "\x1b[30;48;5;" + std::to_string(look(kind).terminal) + "m" + glyphs + "\x1b[0m"
                 : glyphs;
}

std::string offset_text(uint64_t offset, size_t digits) {
  const std::string text = host::hex(offset).substr(2);
  return "0x" + std::string(digits - text.size(), '0') + text;
}

std::string picture(const std::vector<Kind>& cells, uint64_t bytes, uint32_t width, bool colours) {
  std::string text;
  const size_t digits = host::hex(cells.size() * bytes).size() - 2;
  for (size_t line = 0; line < cells.size(); line += width) {
    text += offset_text(line * bytes, digits) + "  ";
    const size_t end = std::min<size_t>(line + width, cells.size());
    for (size_t at = line; at < end;) {
      size_t next = at;
      while (next < end && cells[next] == cells[at]) {
        ++next;
      }
      text += shown(cells[at], next - at, colours);
      at = next;
    }
    text += '\n';
  }
  return text;
}

// Aligned before colours come in, whose letters have no width.
std::string legend(const Attribution& sizes, bool colours) {
  std::vector<std::vector<std::string>> rows;
  std::vector<Kind> kinds;
  for (size_t i = 0; i < image::kKinds; ++i) {
    if (sizes.by_kind[i] != 0) {
      kinds.push_back(kind_at(i));
      rows.push_back({name(kind_at(i)), std::to_string(sizes.by_kind[i]) + " B",
                      host::percent(sizes.by_kind[i], sizes.payload_bytes)});
    }
  }
  const std::string table = host::table("lrr", rows);
  std::string text;
  size_t begin = 0;
  for (const Kind kind : kinds) {
    const size_t end = table.find('\n', begin) + 1;
    text += shown(kind, 1, colours) + "  " + table.substr(begin, end - begin);
    begin = end;
  }
  return text;
}

std::string as_text(const Attribution& sizes, uint32_t width, bool colours) {
  const uint64_t bytes = cell_bytes(sizes.payload_bytes, width);
  return picture(cells(sizes, bytes), bytes, width, colours) + "\n" + "a letter is " +
         std::to_string(bytes) + " bytes, of what most of them are\n\n" + legend(sizes, colours);
}

int run_map(const MapOptions& options, Job& job) {
  return report_sizes(
      {.image = options.image,
       .picture = options.svg,
       .picture_option = "--svg",
       .text =
           [&](const ImageFile&, const Attribution& sizes) {
             return as_text(sizes, options.width, job.colours());
           },
       .set_fields = [&](const ImageFile& file,
                         const Attribution& sizes) { set_fields(file, sizes, job); },
       .draw = map_svg},
      job);
}

}  // namespace

void add_map(Verbs& verbs) {
  auto options = std::make_shared<MapOptions>();
  tools::CommandLine line = verbs.add("map", "a picture of where in an image what lies",
                                      "  lfsimg map luac.out\n  lfsimg map --svg map.svg luac.out",
                                      [options](Job& job) { return run_map(*options, job); });
  line.option("-w,--width", "N", options->width, "letters of a line, 64 without this")
      .range(8u, 1024u);
  line.option("--svg", "FILE", options->svg, "also write the picture as SVG; '-' is stdout");
  add_image(line, options->image);
}

}  // namespace flashstore::lfsimg
