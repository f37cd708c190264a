#include "map_svg.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "attributed.h"
#include "host/numbers.h"
#include "host/printable.h"
#include "host/quantities.h"
#include "kinds.h"

namespace flashstore::lfsimg {
namespace {

using image::Attribution;
using image::Range;

// In units of the picture, which are pixels where nobody scales it.
constexpr uint32_t kLeft = 72;  // room for the offsets
constexpr uint32_t kWidth = 1024;
constexpr uint32_t kTop = 40;
constexpr uint32_t kLine = 14;
constexpr uint32_t kKeyWidth = 256;
constexpr uint32_t kKeyHeight = 20;
constexpr uint32_t kSmallestLine = 256;  // bytes
constexpr uint32_t kMostLines = 64;

uint32_t line_bytes(uint64_t payload_bytes) {
  uint32_t bytes = kSmallestLine;
  while (uint64_t{bytes} * kMostLines < payload_bytes) {
    bytes *= 2;
  }
  return bytes;
}

// As text of an XML document.
std::string escaped(const std::string& text) {
  std::string out = host::printable(text);
  const auto replace = [&out](std::string_view what, std::string_view by) {
    for (size_t at = 0; (at = out.find(what, at)) != std::string::npos; at += by.size()) {
      out.replace(at, what.size(), by);
    }
  };
  replace("&", "&amp;");
  replace("<", "&lt;");
  replace(">", "&gt;");
  for (const std::string_view no_character : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"}) {  // U+FFFE, U+FFFF
    replace(no_character, "\xEF\xBF\xBD");
  }
  return out;
}

template <class... Numbers>
std::string format(const char* pattern, Numbers... numbers) {
  char text[160];
  std::snprintf(text, sizeof text, pattern, numbers...);
  return text;
}

// Neighbours of the same owner and kind are one part of the picture.
std::vector<Range> parts(const std::vector<Range>& ranges) {
  std::vector<Range> found;
  for (const Range& range : ranges) {
    if (!found.empty() && found.back().owner == range.owner && found.back().kind == range.kind) {
      found.back().bytes += range.bytes;
    } else {
      found.push_back(range);
    }
  }
  return found;
}

// One rectangle for each line it is on.
std::string drawn(const Attribution& sizes, const Range& part, uint32_t line) {
  std::string text = "<g class=\"k" + std::to_string(static_cast<size_t>(part.kind)) +
                     "\"><title>" + escaped(path(sizes, part.owner)) + ": " + name(part.kind) +
                     ", " + std::to_string(part.bytes) + " B at " + host::hex(part.offset) +
                     "</title>";
  const double unit = static_cast<double>(kWidth) / line;
  const uint32_t end = part.offset + part.bytes;
  for (uint32_t at = part.offset; at < end;) {
    const uint32_t row = at / line;
    const uint32_t stop = std::min(end, (row + 1) * line);
    text += format("<rect x=\"%.2f\" y=\"%u\" width=\"%.2f\" height=\"%u\"/>",
                   kLeft + (at % line) * unit, kTop + row * kLine, (stop - at) * unit, kLine - 1);
    at = stop;
  }
  return text + "</g>\n";
}

std::string style() {
  std::string text =
      "<style>\n"
      "text { font: 12px sans-serif; fill: #1b1f24 }\n"
      ".page { fill: #ffffff }\n"
      "rect:hover { stroke: #1b1f24 }\n"
      "@media (prefers-color-scheme: dark) { text { fill: #e7eaee } .page { fill: #14171b } "
      "rect:hover { stroke: #ffffff } }\n";
  for (size_t i = 0; i < image::kKinds; ++i) {
    text += ".k" + std::to_string(i) + " { fill: " + look(kind_at(i)).colour + " }\n";
  }
  return text + "</style>\n";
}

std::string key(size_t kind, uint64_t bytes, uint64_t all, uint32_t place, uint32_t top) {
  constexpr uint32_t kKeysOfLine = kWidth / kKeyWidth;
  const uint32_t x = kLeft + place % kKeysOfLine * kKeyWidth;
  const uint32_t y = top + place / kKeysOfLine * kKeyHeight;
  return format("<rect class=\"k%zu\" x=\"%u\" y=\"%u\" width=\"12\" height=\"12\"/>", kind, x, y) +
         format("<text x=\"%u\" y=\"%u\">", x + 18, y + 11) + name(kind_at(kind)) + " " +
         std::to_string(bytes) + " B, " + host::percent(bytes, all) + "</text>\n";
}

}  // namespace

std::string map_svg(const ImageFile& file, const Attribution& sizes) {
  const uint32_t line = line_bytes(sizes.payload_bytes);
  const auto lines = static_cast<uint32_t>((sizes.payload_bytes + line - 1) / line);
  const uint32_t keys = kTop + lines * kLine + 16;
  const uint32_t height = keys + (image::kKinds + 3) / 4 * kKeyHeight + 8;
  const uint32_t width = kLeft + kWidth + 16;
  const std::string what = escaped(title(file)) + ", " + summary(file);
  std::string text = format(
                         "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" "
                         "viewBox=\"0 0 %u %u\" role=\"img\" aria-labelledby=\"what\">\n",
                         width, height, width, height) +
                     "<title id=\"what\">" + what + "</title>\n" + style() +
                     format("<rect class=\"page\" width=\"%u\" height=\"%u\"/>\n", width, height) +
                     format("<text x=\"%u\" y=\"24\">", kLeft) + what +
                     format("; a line is %u bytes</text>\n", line);
  for (uint32_t row = 0; row < lines; ++row) {
    text += format("<text x=\"8\" y=\"%u\">", kTop + row * kLine + kLine - 3) +
            host::hex(uint64_t{row} * line) + "</text>\n";
  }
  for (const Range& part : parts(sizes.ranges)) {
    text += drawn(sizes, part, line);
  }
  uint32_t place = 0;
  for (size_t i = 0; i < image::kKinds; ++i) {
    if (sizes.by_kind[i] != 0) {
      text += key(i, sizes.by_kind[i], sizes.payload_bytes, place++, keys);
    }
  }
  return text + "</svg>\n";
}

}  // namespace flashstore::lfsimg
