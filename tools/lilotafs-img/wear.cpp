#include "wear.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "core/nor_flash.h"
#include "host/numbers.h"
#include "host/quantities.h"
#include "host/table.h"

namespace flashstore::lilotafs_img {
namespace {

constexpr size_t kMostRows = 64;
constexpr uint32_t kBarCharacters = 50;

std::string summary_of(std::span<const uint32_t> erases) {
  const auto [least, most] = std::ranges::minmax(erases);
  const uint64_t all = std::accumulate(erases.begin(), erases.end(), uint64_t{0});
  return host::count(all, "erase") + ", " + std::to_string(least) + " to " + std::to_string(most) +
         " of a sector";
}

}  // namespace

std::string wear_text(std::span<const uint32_t> erases) {
  const size_t in_row = (erases.size() + kMostRows - 1) / kMostRows;
  const uint32_t most = std::max<uint32_t>(std::ranges::max(erases), 1);
  std::vector<std::vector<std::string>> rows;
  for (size_t at = 0; at < erases.size(); at += in_row) {
    // The sector that suffers most speaks for its neighbours.
    const auto row = erases.subspan(at, std::min(in_row, erases.size() - at));
    const uint32_t count = std::ranges::max(row);
    const uint32_t bar = static_cast<uint32_t>(uint64_t{count} * kBarCharacters / most);
    rows.push_back({host::hex(at * core::NorFlash::kSectorBytes), std::to_string(count),
                    std::string(count == 0 ? 0 : std::max<uint32_t>(bar, 1), '#')});
  }
  return host::table("rrl", rows) + summary_of(erases) +
         (in_row > 1 ? "; a row is " + std::to_string(in_row) + " sectors, the most erased of them"
                     : "") +
         "\n";
}

std::string wear_svg(std::span<const uint32_t> erases) {
  constexpr uint32_t kWidth = 960;
  constexpr uint32_t kHeight = 240;
  constexpr uint32_t kLeft = 50;
  constexpr uint32_t kTop = 30;
  const uint32_t most = std::max<uint32_t>(std::ranges::max(erases), 1);
  const auto number = [](uint64_t hundredths) {
    const std::string fraction = std::to_string(100 + hundredths % 100).substr(1);
    return std::to_string(hundredths / 100) + "." + fraction;
  };
  std::string text = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " +
                     std::to_string(kLeft + kWidth + 20) + " " +
                     std::to_string(kTop + kHeight + 30) +
                     "\" font-family=\"sans-serif\" font-size=\"12\" fill=\"currentColor\" "
                     "style=\"color-scheme:light dark;color:CanvasText\">\n<text x=\"" +
                     std::to_string(kLeft) + "\" y=\"18\">" + summary_of(erases) + "</text>\n";
  for (size_t sector = 0; sector < erases.size(); ++sector) {
    const uint64_t from = uint64_t{sector} * kWidth * 100 / erases.size();
    const uint64_t to = uint64_t{sector + 1} * kWidth * 100 / erases.size();
    const uint64_t height = uint64_t{erases[sector]} * kHeight * 100 / most;
    text += "<rect x=\"" + number(kLeft * 100 + from) + "\" y=\"" +
            number((kTop + kHeight) * 100 - height) + "\" width=\"" + number((to - from) * 9 / 10) +
            "\" height=\"" + number(height) + "\" fill=\"#c0504d\"><title>" +
            host::hex(sector * core::NorFlash::kSectorBytes) + ": " +
            host::count(erases[sector], "erase") + "</title></rect>\n";
  }
  const std::string base = std::to_string(kTop + kHeight);
  text += "<path d=\"M" + std::to_string(kLeft) + " " + std::to_string(kTop) + "V" + base + "h" +
          std::to_string(kWidth) + "\" fill=\"none\" stroke=\"currentColor\"/>\n";
  const std::string at_left = "<text x=\"" + std::to_string(kLeft - 6);
  text += at_left + "\" y=\"" + std::to_string(kTop + 10) + "\" text-anchor=\"end\">" +
          std::to_string(most) + "</text>\n";
  text += at_left + "\" y=\"" + base + "\" text-anchor=\"end\">0</text>\n";
  return text + "<text x=\"" + std::to_string(kLeft) + "\" y=\"" +
         std::to_string(kTop + kHeight + 18) + "\">0x0</text><text x=\"" +
         std::to_string(kLeft + kWidth) + "\" y=\"" + std::to_string(kTop + kHeight + 18) +
         "\" text-anchor=\"end\">" + host::hex(erases.size() * core::NorFlash::kSectorBytes) +
         "</text>\n</svg>\n";
}

}  // namespace flashstore::lilotafs_img
