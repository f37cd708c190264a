#include "host/table.h"

#include <algorithm>

namespace flashstore::host {
namespace {

size_t width_of(std::string_view cell) {
  return static_cast<size_t>(
      std::count_if(cell.begin(), cell.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

std::string table(std::string_view alignment, const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths(alignment.size());
  for (const auto& row : rows) {
    for (size_t i = 0; i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(row[i]));
    }
  }
  std::string text;
  for (const auto& row : rows) {
    for (size_t i = 0; i < widths.size(); ++i) {
      const std::string filler(widths[i] - width_of(row[i]), ' ');
      text += i == 0 ? "" : "  ";
      text += alignment[i] == 'r' ? filler + row[i] : row[i] + filler;
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

}  // namespace flashstore::host
