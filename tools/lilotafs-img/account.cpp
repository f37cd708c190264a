#include "account.h"

#include <algorithm>

namespace flashstore::lilotafs_img {
namespace {

Owner owner_of(const LogRecord& record) {
  switch (record.use) {
    case RecordUse::kLive:
      return Owner::kLive;
    case RecordUse::kWrap:
      return Owner::kWrap;
    case RecordUse::kDead:
    case RecordUse::kWear:
      break;
  }
  return Owner::kDead;
}

}  // namespace

const char* name(Owner owner) {
  switch (owner) {
    case Owner::kLive:
      return "live";
    case Owner::kDead:
      return "dead";
    case Owner::kWrap:
      return "wrap";
    case Owner::kPassed:
      return "passed";
    case Owner::kFreeBehind:
      return "free-behind-tail";
    case Owner::kFreeBefore:
      return "free-before-head";
  }
  return "";
}

std::vector<Region> regions_of(const Partition& partition) {
  const uint32_t head = partition.report().head;
  const uint32_t tail = partition.report().tail;
  std::vector<Region> regions;
  for (const LogRecord& record : partition.records()) {
    const uint32_t end = record.use == RecordUse::kWrap ? partition.size() : record.end;
    regions.push_back({record.record.address, end, owner_of(record), &record});
  }
  const uint32_t passed = lilotafs::sector_of(head);
  regions.push_back({passed, head, Owner::kPassed});
  if (tail >= head && !partition.records().empty()) {
    regions.push_back({0, passed, Owner::kFreeBefore});
    regions.push_back({tail, partition.size(), Owner::kFreeBehind});
  } else {
    regions.push_back({tail, passed, Owner::kFreeBehind});
  }
  std::erase_if(regions, [](const Region& region) { return region.begin == region.end; });
  std::sort(regions.begin(), regions.end(),
            [](const Region& a, const Region& b) { return a.begin < b.begin; });
  return regions;
}

uint32_t bytes_of(const std::vector<Region>& regions, Owner owner) {
  uint32_t bytes = 0;
  for (const Region& region : regions) {
    bytes += region.owner == owner ? region.end - region.begin : 0;
  }
  return bytes;
}

}  // namespace flashstore::lilotafs_img
