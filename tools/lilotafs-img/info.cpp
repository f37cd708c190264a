// lilotafs-img info: how a partition is used.
#include <algorithm>
#include <memory>

#include "account.h"
#include "checks.h"
#include "host/json.h"
#include "host/numbers.h"
#include "host/quantities.h"
#include "host/table.h"
#include "partition.h"
#include "verbs.h"

namespace flashstore::lilotafs_img {
namespace {

using host::Json;

// What info tells, in numbers.
struct Summary {
  uint32_t live = 0;  // bytes; these six add up to the partition
  uint32_t dead = 0;
  uint32_t wrap = 0;
  uint32_t passed = 0;
  uint32_t free_behind = 0;
  uint32_t free_before = 0;
  uint32_t files = 0;
  uint32_t directories = 0;
  uint32_t records = 0;
  uint32_t checked = 0;  // files and directories with a check byte that is right
  uint32_t wrong = 0;    // and that is wrong
  bool wear_marker = false;
  const LogRecord* largest = nullptr;
};

Summary summary_of(const Partition& partition) {
  const std::vector<Region> regions = regions_of(partition);
  Summary summary;
  summary.live = bytes_of(regions, Owner::kLive);
  summary.dead = bytes_of(regions, Owner::kDead);
  summary.wrap = bytes_of(regions, Owner::kWrap);
  summary.passed = bytes_of(regions, Owner::kPassed);
  summary.free_behind = bytes_of(regions, Owner::kFreeBehind);
  summary.free_before = bytes_of(regions, Owner::kFreeBefore);
  summary.records = static_cast<uint32_t>(partition.records().size());
  for (const auto& [path, file] : partition.files()) {
    (file.is_directory() ? summary.directories : summary.files) += 1;
    const std::string_view check = check_of(partition, file);
    summary.checked += check == "right" ? 1 : 0;
    summary.wrong += check == "wrong" ? 1 : 0;
    if (summary.largest == nullptr || file.record.length > summary.largest->record.length) {
      summary.largest = &file;
    }
  }
  summary.wear_marker =
      std::any_of(partition.records().begin(), partition.records().end(),
                  [](const LogRecord& record) { return record.use == RecordUse::kWear; });
  return summary;
}

void set_fields(const Partition& partition, const Summary& summary, Job& job) {
  job.field("size") = partition.size();
  job.field("sectors") = partition.size() / lilotafs::kSectorBytes;
  job.field("head") = partition.report().head;
  job.field("tail") = partition.report().tail;
  job.field("records") = summary.records;
  job.field("files") = summary.files;
  job.field("directories") = summary.directories;
  job.field("live") = summary.live;
  job.field("dead") = summary.dead;
  job.field("wrap") = summary.wrap;
  job.field("passed") = summary.passed;
  job.field("free_behind_tail") = summary.free_behind;
  job.field("free_before_head") = summary.free_before;
  job.field("largest_new_file") = partition.largest_new_file();
  job.field("wear_marker") = summary.wear_marker;
  job.field("checked") = summary.checked;
  job.field("check_wrong") = summary.wrong;
  job.field("largest") =
      summary.largest == nullptr
          ? Json(nullptr)
          : Json{{"path", summary.largest->path}, {"bytes", summary.largest->record.length}};
}

std::string as_text(const Partition& partition, const Summary& summary) {
  const auto share = [&](uint32_t bytes) {
    return host::bytes(bytes) + ", " + host::percent(bytes, partition.size());
  };
  const uint32_t entries = summary.files + summary.directories;
  std::string checks = std::to_string(summary.checked) + " of " + std::to_string(entries);
  if (summary.wrong != 0) {
    checks += ", " + std::to_string(summary.wrong) + " wrong";
  }
  std::vector<std::vector<std::string>> rows{
      {"size", host::bytes(partition.size()) + ", " +
                   host::count(partition.size() / lilotafs::kSectorBytes, "sector")},
      {"head", host::hex(partition.report().head)},
      {"tail", host::hex(partition.report().tail)},
      {"files", std::to_string(summary.files)},
      {"directories", std::to_string(summary.directories)},
      {"records", std::to_string(summary.records)},
      {"live", share(summary.live)},
      {"dead", share(summary.dead + summary.wrap + summary.passed)},
      {"free", share(summary.free_behind + summary.free_before)},
      {"fits", "a new file of up to " + host::bytes(partition.largest_new_file())},
      {"check bytes", checks},
      {"wear marker",
       summary.wear_marker ? "yes: the original moves files at the next mount" : "no"}};
  if (summary.largest != nullptr && summary.files != 0) {
    rows.insert(rows.begin() + 4,
                {"largest file",
                 summary.largest->path + ", " + host::bytes(summary.largest->record.length)});
  }
  return host::table("ll", rows);
}

int run_info(const PartitionOptions& options, Job& job) {
  const auto partition = open_partition(options, job);
  if (!partition) {
    return job.fail(partition.error());
  }
  const Summary summary = summary_of(partition.value());
  set_fields(partition.value(), summary, job);
  job.result(as_text(partition.value(), summary));
  return host::kOk;
}

}  // namespace

void add_info(Verbs& verbs) {
  auto options = std::make_shared<PartitionOptions>();
  tools::CommandLine line = verbs.add("info", "how full it is, where the log begins and ends",
                                      "  lilotafs-img info flash.img\n"
                                      "  lilotafs-img info --offset 0x200000 --size 1M chip.bin",
                                      [options](Job& job) { return run_info(*options, job); });
  add_partition(line, *options);
}

}  // namespace flashstore::lilotafs_img
