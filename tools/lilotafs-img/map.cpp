// lilotafs-img map: a picture of the log.
#include <algorithm>
#include <array>
#include <memory>

#include "account.h"
#include "host/json.h"
#include "host/numbers.h"
#include "host/printable.h"
#include "host/quantities.h"
#include "host/table.h"
#include "map_svg.h"
#include "partition.h"
#include "verbs.h"

namespace flashstore::lilotafs_img {
namespace {

using host::Json;
using lilotafs::kSectorBytes;

struct MapOptions {
  PartitionOptions partition;
  bool svg = false;
  bool html = false;
};

// Letters of files; X and W have another meaning.
constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVYZabcdefghijklmnopqrstuvwxyz";
constexpr char kHeadGlyph = 'X';
constexpr char kWrapGlyph = 'W';

struct Glyph {
  Owner owner;
  char glyph;
  const char* meaning;
};

constexpr std::array<Glyph, 6> kGlyphs{{
    {Owner::kLive, 'A', "A, B, ... files and directories"},
    {Owner::kDead, '.', ". dead records"},
    {Owner::kWrap, '~', "W wrap marker, ~ unused behind it"},
    {Owner::kPassed, ':', ": remains in front of the head, in its sector"},
    {Owner::kFreeBehind, '-', "- free, from the tail on"},
    {Owner::kFreeBefore, '=', "= free, in front of the head"},
}};

char glyph_of(const Region& region, size_t file) {
  if (region.owner == Owner::kLive) {
    return kLetters[file % kLetters.size()];
  }
  return std::find_if(kGlyphs.begin(), kGlyphs.end(),
                      [&](const Glyph& glyph) { return glyph.owner == region.owner; })
      ->glyph;
}

// Bytes that one character stands for: a power of two, at most a sector.
uint32_t cell_bytes(uint32_t size) {
  constexpr uint32_t kMostCells = 1024;
  uint32_t bytes = 64;
  while (bytes < kSectorBytes && size / bytes > kMostCells) {
    bytes *= 2;
  }
  return bytes;
}

// A character for each cell: what has most bytes in it; head and wrap marker always show.
std::string cells_of(const Partition& partition, const std::vector<Region>& regions) {
  const uint32_t bytes = cell_bytes(partition.size());
  std::string cells(partition.size() / bytes, ' ');
  std::vector<uint32_t> most(cells.size(), 0);
  size_t file = 0;
  for (const Region& region : regions) {
    const char glyph = glyph_of(region, file);
    file += region.owner == Owner::kLive ? 1 : 0;
    for (uint32_t cell = region.begin / bytes; cell * bytes < region.end; ++cell) {
      const uint32_t from = std::max(region.begin, cell * bytes);
      const uint32_t to = std::min<uint32_t>(region.end, (cell + 1) * bytes);
      if (to - from > most[cell]) {
        most[cell] = to - from;
        cells[cell] = glyph;
      }
    }
  }
  for (const Region& region : regions) {
    if (region.owner == Owner::kWrap) {
      cells[region.begin / bytes] = kWrapGlyph;
    }
  }
  cells[partition.report().head / bytes] = kHeadGlyph;
  return cells;
}

std::string rows_of(const std::string& cells, uint32_t bytes) {
  constexpr size_t kCellsInRow = 64;
  const size_t in_sector = kSectorBytes / bytes;
  std::vector<std::vector<std::string>> rows;
  for (size_t at = 0; at < cells.size(); at += kCellsInRow) {
    std::string row = "|";
    for (size_t i = at; i < std::min(at + kCellsInRow, cells.size()); ++i) {
      row += cells[i];
      row += in_sector > 1 && (i + 1) % in_sector == 0 ? "|" : "";
    }
    rows.push_back({host::hex(at * bytes), row + (in_sector > 1 ? "" : "|")});
  }
  return host::table("rl", rows);
}

std::string as_text(const Partition& partition, const std::vector<Region>& regions, bool verbose) {
  const uint32_t bytes = cell_bytes(partition.size());
  std::string text = rows_of(cells_of(partition, regions), bytes) + "\n";
  std::vector<std::vector<std::string>> legend{{"", "a character", host::bytes(bytes)},
                                               {"", "X head", host::hex(partition.report().head)},
                                               {"", "tail", host::hex(partition.report().tail)}};
  for (const Glyph& glyph : kGlyphs) {
    const uint32_t owned = bytes_of(regions, glyph.owner);
    if (owned != 0) {
      legend.push_back(
          {"", glyph.meaning, host::bytes(owned) + ", " + host::percent(owned, partition.size())});
    }
  }
  text += host::table("lll", legend);
  std::vector<std::vector<std::string>> files;
  for (const Region& region : regions) {
    if (region.owner == Owner::kLive) {
      files.push_back({"", std::string(1, glyph_of(region, files.size())), host::hex(region.begin),
                       std::to_string(region.record->record.length),
                       host::printable(region.record->path)});
    }
  }
  if (verbose || files.size() <= kLetters.size()) {
    text += "\n" + host::table("llrrl", files);
  }
  return text;
}

void set_fields(const Partition& partition, const std::vector<Region>& regions, Job& job) {
  job.field("size") = partition.size();
  job.field("head") = partition.report().head;
  job.field("tail") = partition.report().tail;
  Json& json = job.field("regions") = Json::array();
  for (const Region& region : regions) {
    const bool named = region.record != nullptr && !region.record->path.empty();
    json.push_back({{"begin", region.begin},
                    {"end", region.end},
                    {"owner", name(region.owner)},
                    {"path", named ? Json(region.record->path) : Json(nullptr)}});
  }
}

int run_map(const MapOptions& options, Job& job) {
  const auto partition = open_partition(options.partition, job);
  if (!partition) {
    return job.fail(partition.error());
  }
  const std::vector<Region> regions = regions_of(partition.value());
  set_fields(partition.value(), regions, job);
  if (options.svg) {
    job.result(map_svg(partition.value(), regions));
  } else if (options.html) {
    job.result(map_html(options.partition.image, partition.value(), regions));
  } else {
    job.result(as_text(partition.value(), regions, job.verbose() > 0));
  }
  return host::kOk;
}

}  // namespace

void add_map(Verbs& verbs) {
  auto options = std::make_shared<MapOptions>();
  tools::CommandLine line =
      verbs.add("map", "a picture of the log: where the files are, what is free",
                "  lilotafs-img map flash.img\n"
                "  lilotafs-img map --html flash.img >flash.html",
                [options](Job& job) { return run_map(*options, job); });
  const tools::Option svg = line.flag("--svg", options->svg, "as SVG");
  line.flag("--html", options->html, "as a page of its own").excludes(svg);
  add_partition(line, options->partition);
}

}  // namespace flashstore::lilotafs_img
