#include "rebuild.h"

#include <algorithm>
#include <set>

#include "host/quantities.h"
#include "image/pack.h"
#include "lilotafs/format.h"

namespace flashstore::lilotafs_img {
namespace {

using image::SalvagedRecord;

std::vector<image::PackItem> items_of(const std::vector<SalvagedRecord>& files) {
  std::vector<image::PackItem> items;
  for (const SalvagedRecord& file : files) {
    items.push_back({file.path, file.bytes.size()});
  }
  return items;
}

bool is_possible(const std::string& path) {
  const image::PackItem item{path, 0};
  return image::check_paths({&item, 1}).empty();
}

// With the directories that the files are in, in the order of a partition.
std::vector<SalvagedRecord> files_in(std::span<const uint8_t> partition, const KnownLog& log) {
  std::vector<SalvagedRecord> files = records_that_count(partition, 0, log);
  std::erase_if(files, [](const SalvagedRecord& file) { return !is_possible(file.path); });
  for (std::string& path : image::missing_directories(items_of(files))) {
    files.push_back({.offset = 0, .path = std::move(path), .bytes = {}});
  }
  std::sort(files.begin(), files.end(), [](const SalvagedRecord& a, const SalvagedRecord& b) {
    return image::packs_before(a.path, b.path);
  });
  return files;
}

}  // namespace

std::vector<SalvagedRecord> records_that_count(std::span<const uint8_t> dump,
                                               std::optional<uint64_t> partition,
                                               const KnownLog& log) {
  std::vector<SalvagedRecord> records = image::find_records(dump, partition);
  const auto is_live = [&](const SalvagedRecord& record) {
    const auto live = log.live.find(record.path);
    return live != log.live.end() && live->second == record.offset;
  };
  std::set<std::string> found;
  for (const SalvagedRecord& record : records) {
    if (is_live(record)) {
      found.insert(record.path);
    }
  }
  std::erase_if(records, [&](const SalvagedRecord& record) {
    return found.contains(record.path) && !is_live(record);
  });
  return image::latest(std::move(records), log.head);
}

core::Result<Rebuilt, std::string> rebuild(std::span<const uint8_t> partition,
                                           const KnownLog& log) {
  const std::vector<SalvagedRecord> files = files_in(partition, log);
  if (files.empty()) {
    return std::string("no file is found in it that it could be made anew of");
  }
  const std::vector<image::PackItem> items = items_of(files);
  const image::PackLayout layout = image::lay_out(items);
  const uint64_t needed = layout.tail + lilotafs::kOriginalTailBytes;
  if (needed > partition.size()) {
    return "the " + host::count(files.size(), "file") +
           " and directories found in it do not fit it again: they take " + host::bytes(needed) +
           ", it has " + host::bytes(partition.size()) + "; --salvage DIR saves them";
  }
  Rebuilt rebuilt{std::vector<uint8_t>(partition.size()), files.size()};
  const image::Packer packer(rebuilt.partition, true);
  for (size_t i = 0; i < files.size(); ++i) {
    std::copy(files[i].bytes.begin(), files[i].bytes.end(),
              packer.data(items[i], layout.places[i]).begin());
    packer.commit(items[i], layout.places[i]);
    if (files[i].trust == SalvagedRecord::Trust::kDamaged) {
      rebuilt.partition[layout.places[i].record + lilotafs::kCheck] = lilotafs::kCheckNone;
    }
  }
  return rebuilt;
}

}  // namespace flashstore::lilotafs_img
