#include "answers.h"

#include <algorithm>

#include "host/json.h"
#include "host/numbers.h"
#include "host/quantities.h"
#include "host/table.h"
#include "image/firmware.h"

namespace flashstore::nodeflash {
namespace {

using host::Json;

// Only the window is mapped, and of what is in it nobody asks for the part in front of the page.
std::string mapped_text(const AnyTable& table, const Region& region) {
  const bool is_mapped = table.kind == TableKind::kNodemcu &&
                         region.address >= partition::kPageAddress &&
                         region.address < partition::kWindowBytes;
  return is_mapped ? host::hex(image::mapped(region.address)) : "";
}

// With what is free between them.
std::vector<Region> with_gaps(std::vector<Region> regions, uint32_t flash_bytes) {
  std::ranges::stable_sort(regions, {}, &Region::address);
  std::vector<Region> all;
  uint32_t last = 0;
  const auto gap = [&](uint32_t end) {
    if (end > last && last != 0) {
      all.push_back({"(free)", last, end - last});
    }
  };
  for (const Region& region : regions) {
    gap(region.address);
    all.push_back(region);
    last = region.address + region.bytes;
  }
  gap(flash_bytes);
  return all;
}

}  // namespace

std::string as_text(const AnyTable& table, uint32_t flash_bytes, bool is_sound) {
  std::vector<Region> regions = regions_of(table);
  if (is_sound) {
    regions = with_gaps(std::move(regions), flash_bytes);
  }
  std::vector<std::vector<std::string>> rows{{"partition", "begin", "end", "size", "mapped"}};
  const bool is_factory = table.nodemcu.firmware_end.has_value();
  for (const Region& region : regions) {
    if (is_factory) {  // its zeros are still to be found
      const bool is_rest = region.bytes == partition::kAllTheRest;
      rows.push_back({region.name, region.address == 0 ? "-" : host::hex(region.address), "-",
                      is_rest             ? "max"
                      : region.bytes == 0 ? "-"
                                          : host::bytes(region.bytes),
                      ""});
      continue;
    }
    rows.push_back({region.name, host::hex(region.address),
                    host::hex(uint64_t{region.address} + region.bytes), host::bytes(region.bytes),
                    mapped_text(table, region)});
  }
  if (table.kind == TableKind::kIdf) {
    for (auto& row : rows) {
      row.pop_back();
    }
    return host::table("lrrr", rows);
  }
  return host::table("lrrrr", rows);
}

void set_table_fields(const AnyTable& table, uint32_t flash_bytes, Job& job) {
  job.field("kind") = name(table.kind);
  job.field("flash_size") = flash_bytes == 0 ? Json(nullptr) : Json(flash_bytes);
  job.field("md5") = table.kind == TableKind::kIdf ? Json(table.idf.has_digest) : Json(nullptr);
  job.field("partitions") = to_json(table);
}

int write_with_table(const AnyTable& table, uint32_t flash_bytes, const std::string& output,
                     std::vector<uint8_t> bytes, Job& job) {
  job.field("output") = output;
  set_table_fields(table, flash_bytes, job);
  if (output != "-") {
    job.result(as_text(table, flash_bytes, true));
  }
  return job.write(output, std::move(bytes));
}

}  // namespace flashstore::nodeflash
