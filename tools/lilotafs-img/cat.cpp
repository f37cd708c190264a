// lilotafs-img cat: files of a partition, to standard output.
#include <memory>

#include "checks.h"
#include "partition.h"
#include "verbs.h"

namespace flashstore::lilotafs_img {
namespace {

struct CatOptions {
  PartitionOptions partition;
  std::vector<std::string> paths;
};

int run_cat(const CatOptions& options, Job& job) {
  if (job.json()) {
    return job.usage_error("cat has no JSON", "'lilotafs-img ls --json --digest' tells of files");
  }
  const auto partition = open_partition(options.partition, job);
  if (!partition) {
    return job.fail(partition.error());
  }
  for (const std::string& path : options.paths) {
    const LogRecord* file = partition.value().find(path);
    if (file == nullptr || file->is_directory()) {
      return job.fail({host::kNo,
                       {.id = file == nullptr ? "no-such-file" : "directory",
                        .message = path + (file == nullptr ? " is not in it" : " is a directory"),
                        .hint = "'lilotafs-img ls' lists what is",
                        .file = options.partition.image}});
    }
    const auto data = partition.value().data(*file);
    job.result({reinterpret_cast<const char*>(data.data()), data.size()});
  }
  return host::kOk;
}

}  // namespace

void add_cat(Verbs& verbs) {
  auto options = std::make_shared<CatOptions>();
  tools::CommandLine line = verbs.add("cat", "the content of files, on standard output",
                                      "  lilotafs-img cat flash.img init.lua",
                                      [options](Job& job) { return run_cat(*options, job); });
  add_partition(line, options->partition);
  line.argument("PATH", options->paths, "files of the partition").required();
}

}  // namespace flashstore::lilotafs_img
