// lilotafs-img ls: the files of a partition.
#include <memory>

#include "checks.h"
#include "host/digest.h"
#include "host/json.h"
#include "host/numbers.h"
#include "host/printable.h"
#include "host/table.h"
#include "partition.h"
#include "verbs.h"

namespace flashstore::lilotafs_img {
namespace {

using host::Json;

struct LsOptions {
  PartitionOptions partition;
  bool sizes = false;
  bool digests = false;
};

std::string digest(const Partition& partition, const LogRecord& file) {
  const auto data = partition.data(file);
  return host::sha256({reinterpret_cast<const char*>(data.data()), data.size()});
}

void set_fields(const Partition& partition, bool digests, Job& job) {
  Json& files = job.field("files") = Json::array();
  for (const auto& [path, file] : partition.files()) {
    Json entry{{"path", path},
               {"directory", file.is_directory()},
               {"bytes", file.record.length},
               {"offset", file.record.address},
               {"data_offset", file.record.data},
               {"check", check_of(partition, file)}};
    if (digests) {
      entry["sha256"] = digest(partition, file);
    }
    files.push_back(std::move(entry));
  }
}

std::string as_text(const Partition& partition, const LsOptions& options) {
  std::string alignment = options.sizes ? "rrl" : "";
  alignment += options.digests ? "ll" : "l";
  std::vector<std::vector<std::string>> rows;
  if (options.sizes) {
    rows.push_back({"bytes", "offset", "check"});
    if (options.digests) {
      rows.back().push_back("sha256");
    }
    rows.back().push_back("path");
  }
  for (const auto& [path, file] : partition.files()) {
    std::vector<std::string>& row = rows.emplace_back();
    if (options.sizes) {
      row = {file.is_directory() ? "-" : std::to_string(file.record.length),
             host::hex(file.record.address), std::string(check_of(partition, file))};
    }
    if (options.digests) {
      row.push_back(file.is_directory() ? "-" : digest(partition, file));
    }
    row.push_back(host::printable(path));
  }
  return host::table(alignment, rows);
}

int run_ls(const LsOptions& options, Job& job) {
  const auto partition = open_partition(options.partition, job);
  if (!partition) {
    return job.fail(partition.error());
  }
  if (job.json()) {
    set_fields(partition.value(), options.digests, job);
  } else {
    job.result(as_text(partition.value(), options));
  }
  return host::kOk;
}

}  // namespace

void add_ls(Verbs& verbs) {
  auto options = std::make_shared<LsOptions>();
  tools::CommandLine line =
      verbs.add("ls", "the files of a partition, one a line",
                "  lilotafs-img ls flash.img\n  lilotafs-img ls -l --digest flash.img",
                [options](Job& job) { return run_ls(*options, job); });
  line.flag("-l,--long", options->sizes, "with sizes, places and what the check bytes say");
  line.flag("--digest", options->digests, "with SHA-256 digests");
  add_partition(line, options->partition);
}

}  // namespace flashstore::lilotafs_img
