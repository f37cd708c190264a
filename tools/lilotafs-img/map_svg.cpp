#include "map_svg.h"

#include <algorithm>
#include <array>

#include "host/numbers.h"
#include "host/printable.h"
#include "host/quantities.h"

namespace flashstore::lilotafs_img {
namespace {

using lilotafs::kSectorBytes;

constexpr uint32_t kRowPixels = 960;
constexpr uint32_t kRowHeight = 22;
constexpr uint32_t kRowStep = 30;
constexpr uint32_t kLeft = 90;
constexpr uint32_t kTop = 10;

// Neighbours differ, and all are light enough for black text.
constexpr std::array<const char*, 6> kFileColours{"#7fb3d5", "#a9d18e", "#f4b183",
                                                  "#c5a5cf", "#ffd966", "#8fd3c8"};

struct Style {
  Owner owner;
  const char* fill;
  const char* meaning;
};

constexpr std::array<Style, 6> kStyles{{
    {Owner::kLive, "#7fb3d5", "files and directories"},
    {Owner::kDead, "url(#dead)", "dead records"},
    {Owner::kWrap, "#444444", "wrap marker and what is behind it"},
    {Owner::kPassed, "url(#passed)", "remains in front of the head, in its sector"},
    {Owner::kFreeBehind, "#ffffff", "free, from the tail on"},
    {Owner::kFreeBefore, "#eeeeee", "free, in front of the head"},
}};

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : host::printable(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string fill_of(const Region& region, size_t file) {
  if (region.owner == Owner::kLive) {
    return kFileColours[file % kFileColours.size()];
  }
  return std::find_if(kStyles.begin(), kStyles.end(),
                      [&](const Style& style) { return style.owner == region.owner; })
      ->fill;
}

// Bytes in a row: whole sectors, at most 64 rows.
uint32_t row_bytes(uint32_t size) {
  uint32_t bytes = kSectorBytes;
  while (size / bytes > 64) {
    bytes *= 2;
  }
  return bytes;
}

// "12.5": pixels in tenths, the same everywhere.
std::string pixels(uint64_t tenths) {
  return std::to_string(tenths / 10) + (tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10));
}

class Drawing {
 public:
  explicit Drawing(uint32_t size) : row_(row_bytes(size)), rows_((size + row_ - 1) / row_) {
    text_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " +
            std::to_string(kLeft + kRowPixels + 20) + " " +
            std::to_string(kTop + rows_ * kRowStep + 10) +
            "\" font-family=\"sans-serif\" font-size=\"12\" fill=\"currentColor\" "
            "style=\"color-scheme:light dark;color:CanvasText\">\n"
            "<defs>"
            "<pattern id=\"dead\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">"
            "<rect width=\"6\" height=\"6\" fill=\"#dddddd\"/>"
            "<path d=\"M0 6L6 0\" stroke=\"#888888\"/></pattern>"
            "<pattern id=\"passed\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">"
            "<rect width=\"6\" height=\"6\" fill=\"#eeeeee\"/>"
            "<circle cx=\"3\" cy=\"3\" r=\"1\" fill=\"#888888\"/></pattern></defs>\n";
    for (uint32_t row = 0; row < rows_; ++row) {
      text_ += "<text x=\"" + std::to_string(kLeft - 8) + "\" y=\"" +
               std::to_string(kTop + row * kRowStep + 15) + "\" text-anchor=\"end\">" +
               host::hex(uint64_t{row} * row_) + "</text>\n";
    }
  }

  void region(const Region& region, const std::string& fill, const std::string& title) {
    for (uint32_t row = region.begin / row_; uint64_t{row} * row_ < region.end; ++row) {
      const uint64_t begin = std::max<uint64_t>(region.begin, uint64_t{row} * row_);
      const uint64_t end = std::min<uint64_t>(region.end, uint64_t{row + 1} * row_);
      const uint64_t from = place(begin, row);
      text_ += "<rect x=\"" + pixels(kLeft * 10 + from) + "\" y=\"" +
               std::to_string(kTop + row * kRowStep) + "\" width=\"" +
               pixels(std::max<uint64_t>(place(end, row) - from, 5)) + "\" height=\"" +
               std::to_string(kRowHeight) + "\" fill=\"" + fill +
               "\" stroke=\"#666666\" stroke-width=\"0.3\"><title>" + title + "</title></rect>\n";
    }
  }

  // Sectors where they are wide enough to be told apart.
  void sectors(uint32_t size) {
    if (kRowPixels / (row_ / kSectorBytes) < 8) {
      return;
    }
    std::string path;
    for (uint32_t sector = 0; sector <= size; sector += kSectorBytes) {
      const uint32_t row = std::min(sector / row_, rows_ - 1);
      path += "M" + pixels(kLeft * 10 + place(sector, row)) + " " +
              std::to_string(kTop + row * kRowStep - 2) + "v" + std::to_string(kRowHeight + 4);
    }
    text_ += "<path d=\"" + path + "\" stroke=\"currentColor\" stroke-width=\"0.8\"/>\n";
  }

  void mark(uint32_t address, const char* what) {
    const uint32_t row = std::min(address / row_, rows_ - 1);
    text_ += "<path d=\"M" + pixels(kLeft * 10 + place(address, row)) + " " +
             std::to_string(kTop + row * kRowStep + kRowHeight) +
             "l-5 7h10z\" fill=\"#dd2222\"/><text x=\"" +
             pixels(kLeft * 10 + place(address, row) + 70) + "\" y=\"" +
             std::to_string(kTop + row * kRowStep + kRowHeight + 8) +
             "\" font-size=\"9\" fill=\"#dd2222\">" + what + "</text>\n";
  }

  std::string finish() { return text_ + "</svg>\n"; }

 private:
  // Tenths of pixels from the beginning of `row`.
  uint64_t place(uint64_t address, uint32_t row) const {
    return (address - uint64_t{row} * row_) * kRowPixels * 10 / row_;
  }

  uint32_t row_;
  uint32_t rows_;
  std::string text_;
};

std::string title_of(const Region& region) {
  const auto style = std::find_if(kStyles.begin(), kStyles.end(),
                                  [&](const Style& known) { return known.owner == region.owner; });
  const bool named = region.record != nullptr && !region.record->path.empty();
  return (named ? escaped(region.record->path) + ": " : std::string()) + style->meaning + ", " +
         host::hex(region.begin) + " to " + host::hex(region.end) + ", " +
         host::bytes(region.end - region.begin);
}

}  // namespace

std::string map_svg(const Partition& partition, const std::vector<Region>& regions) {
  Drawing drawing(partition.size());
  size_t file = 0;
  for (const Region& region : regions) {
    drawing.region(region, fill_of(region, file), title_of(region));
    file += region.owner == Owner::kLive ? 1 : 0;
  }
  drawing.sectors(partition.size());
  drawing.mark(partition.report().head, "head");
  drawing.mark(partition.report().tail, "tail");
  return drawing.finish();
}

std::string map_html(const std::string& title, const Partition& partition,
                     const std::vector<Region>& regions) {
  std::string page =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + escaped(title) +
      "</title>\n<style>:root{color-scheme:light "
      "dark}body{font-family:sans-serif;margin:1.5em;max-width:72em}"
      "table{border-collapse:collapse}td,th{padding:.15em .8em;text-align:left}"
      "td.n{text-align:right;font-variant-numeric:tabular-nums}"
      ".swatch{display:inline-block;width:1em;height:1em;border:1px solid #666;"
      "vertical-align:-.15em}</style></head>\n<body><h1>" +
      escaped(title) + "</h1>\n<p>" + host::bytes(partition.size()) + ", head at " +
      host::hex(partition.report().head) + ", tail at " + host::hex(partition.report().tail) +
      "</p>\n" + map_svg(partition, regions) + "<table><tr><th>what</th><th>bytes</th></tr>\n";
  for (const Style& style : kStyles) {
    page +=
        "<tr><td><svg class=\"swatch\" viewBox=\"0 0 16 16\"><rect width=\"16\" height=\"16\" "
        "fill=\"" +
        std::string(style.fill) + "\"/></svg> " + style.meaning + "</td><td class=\"n\">" +
        host::bytes(bytes_of(regions, style.owner)) + "</td></tr>\n";
  }
  page +=
      "</table>\n<h2>Files</h2>\n<table><tr><th></th><th>path</th><th>bytes</th>"
      "<th>offset</th></tr>\n";
  size_t file = 0;
  for (const Region& region : regions) {
    if (region.owner == Owner::kLive) {
      page += "<tr><td><span class=\"swatch\" style=\"background:" + fill_of(region, file++) +
              "\"></span></td><td>" + escaped(region.record->path) + "</td><td class=\"n\">" +
              std::to_string(region.record->record.length) + "</td><td class=\"n\">" +
              host::hex(region.begin) + "</td></tr>\n";
    }
  }
  return page + "</table></body></html>\n";
}

}  // namespace flashstore::lilotafs_img
