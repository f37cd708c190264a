#include "outside_log.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "image/salvage.h"
#include "lilotafs/format.h"
#include "lilotafs/record.h"

namespace flashstore::lilotafs_img {
namespace {

struct Extent {
  uint32_t begin = 0;
  uint32_t end = 0;
};

// In ascending order. What is behind a wrap marker is free.
std::vector<Extent> extents_of(const Partition& partition) {
  std::vector<Extent> extents;
  for (const LogRecord& found : partition.records()) {
    const uint32_t begin = found.record.address;
    extents.push_back(
        {begin, found.use == RecordUse::kWrap ? begin + lilotafs::kHeaderBytes : found.end});
  }
  std::sort(extents.begin(), extents.end(),
            [](const Extent& a, const Extent& b) { return a.begin < b.begin; });
  return extents;
}

bool is_erased(std::span<const uint8_t> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0xFF; });
}

bool is_free_space_erased(std::span<const uint8_t> bytes, const std::vector<Extent>& log) {
  uint32_t at = 0;
  for (const Extent& extent : log) {
    if (!is_erased(bytes.subspan(at, std::max(at, extent.begin) - at))) {
      return false;
    }
    at = std::max(at, extent.end);
  }
  return is_erased(bytes.subspan(at));
}

bool contains(const std::vector<Extent>& log, uint64_t offset) {
  return std::any_of(log.begin(), log.end(), [&](const Extent& extent) {
    return offset >= extent.begin && offset < extent.end;
  });
}

}  // namespace

std::optional<OutsideLog> files_outside_log(std::span<const uint8_t> before,
                                            const Operations& operations,
                                            const Partition& mounted) {
  std::set<uint32_t> erased;
  for (const auto& operation : operations) {
    if (operation.kind == norsim::Operation::Kind::kErase) {
      erased.insert(operation.address);
    }
  }
  const std::vector<Extent> log = extents_of(mounted);
  if (erased.empty() && is_free_space_erased(before, log)) {
    return std::nullopt;
  }
  OutsideLog outside;
  std::set<std::string_view> paths;
  const std::vector<image::SalvagedRecord> records = image::find_records(before, 0);
  for (const image::SalvagedRecord& record : records) {
    const auto offset = static_cast<uint32_t>(record.offset);
    const bool goes = erased.contains(lilotafs::sector_of(offset));
    const bool is_known = mounted.files().contains(record.path) || record.is_old ||
                          record.trust == image::SalvagedRecord::Trust::kNone;
    if (is_known || (!goes && contains(log, offset))) {
      continue;
    }
    if (paths.empty()) {
      outside.first = record.path;
      outside.offset = offset;
    }
    paths.insert(record.path);
    outside.is_erased = outside.is_erased || goes;
  }
  outside.count = static_cast<uint32_t>(paths.size());
  return paths.empty() ? std::nullopt : std::optional(outside);
}

}  // namespace flashstore::lilotafs_img
