// lilotafs-img diff: what two partitions hold.
#include <algorithm>
#include <memory>

#include "host/json.h"
#include "host/printable.h"
#include "host/table.h"
#include "partition.h"
#include "verbs.h"

namespace flashstore::lilotafs_img {
namespace {

using host::Json;

constexpr int kDifferent = 1;  // as of cmp(1)
constexpr host::ProblemStatuses kTrouble{.no = 2, .usage = 2, .environment = 2};

struct DiffOptions {
  std::string before;
  std::string after;
};

struct Change {
  std::string_view kind;  // "added", "removed", "changed"
  std::string path;
  std::optional<uint32_t> before;  // bytes
  std::optional<uint32_t> after;
};

std::vector<Change> changes_of(const Partition& before, const Partition& after) {
  std::vector<Change> changes;
  for (const auto& [path, file] : before.files()) {
    const auto other = after.files().find(path);
    if (other == after.files().end()) {
      changes.push_back({"removed", path, file.record.length, std::nullopt});
      continue;
    }
    const auto old_data = before.data(file);
    const auto new_data = after.data(other->second);
    if (!std::equal(old_data.begin(), old_data.end(), new_data.begin(), new_data.end())) {
      changes.push_back({"changed", path, file.record.length, other->second.record.length});
    }
  }
  for (const auto& [path, file] : after.files()) {
    if (!before.files().contains(path)) {
      changes.push_back({"added", path, std::nullopt, file.record.length});
    }
  }
  std::sort(changes.begin(), changes.end(),
            [](const Change& a, const Change& b) { return a.path < b.path; });
  return changes;
}

std::string as_text(const std::vector<Change>& changes) {
  std::vector<std::vector<std::string>> rows;
  const auto size = [](std::optional<uint32_t> bytes) {
    return bytes ? std::to_string(*bytes) : "-";
  };
  for (const Change& change : changes) {
    rows.push_back({std::string(change.kind), size(change.before), size(change.after),
                    host::printable(change.path)});
  }
  return host::table("lrrl", rows);
}

int run_diff(const DiffOptions& options, Job& job) {
  const auto before = open_partition({.image = options.before, .offset = {}, .size = {}}, job);
  if (!before) {
    return job.fail(before.error());
  }
  const auto after = open_partition({.image = options.after, .offset = {}, .size = {}}, job);
  if (!after) {
    return job.fail(after.error());
  }
  const std::vector<Change> changes = changes_of(before.value(), after.value());
  Json& json = job.field("changes") = Json::array();
  for (const Change& change : changes) {
    const auto size = [](std::optional<uint32_t> bytes) {
      return bytes ? Json(*bytes) : Json(nullptr);
    };
    json.push_back({{"kind", change.kind},
                    {"path", change.path},
                    {"before", size(change.before)},
                    {"after", size(change.after)}});
  }
  job.result(as_text(changes));
  return changes.empty() ? host::kOk : kDifferent;
}

}  // namespace

void add_diff(Verbs& verbs) {
  auto options = std::make_shared<DiffOptions>();
  tools::CommandLine line = verbs.add(
      "diff", "which files differ; exit status 0, 1 or 2 as of cmp",
      "  lilotafs-img diff before.img after.img",
      [options](Job& job) { return run_diff(*options, job); }, kTrouble);
  line.argument("A", options->before, "an image").required();
  line.argument("B", options->after, "another").required();
}

}  // namespace flashstore::lilotafs_img
