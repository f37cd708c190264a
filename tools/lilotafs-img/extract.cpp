// lilotafs-img extract: a partition becomes a folder.
#include <algorithm>
#include <memory>

#include "folder_writer.h"
#include "host/json.h"
#include "host/quantities.h"
#include "partition.h"
#include "verbs.h"

namespace flashstore::lilotafs_img {
namespace {

struct ExtractOptions {
  PartitionOptions partition;
  std::string folder;
  std::vector<std::string> paths;
};

// All files, or those of `paths`, with what is in the directories among them. nullopt: said.
std::optional<std::vector<const LogRecord*>> choose(const Partition& partition,
                                                    const ExtractOptions& options, Job& job) {
  std::vector<const LogRecord*> chosen;
  for (const auto& [path, file] : partition.files()) {
    if (options.paths.empty()) {
      chosen.push_back(&file);
    }
  }
  for (const std::string& path : options.paths) {
    const LogRecord* wanted = partition.find(path);
    if (wanted == nullptr) {
      job.fail({host::kNo,
                {.id = "no-such-file",
                 .message = path + " is not in it",
                 .hint = "'lilotafs-img ls' lists what is",
                 .file = options.partition.image}});
      return std::nullopt;
    }
    for (const auto& [other, file] : partition.files()) {
      if (&file == wanted || (wanted->is_directory() && other.starts_with(wanted->path))) {
        chosen.push_back(&file);
      }
    }
  }
  std::sort(chosen.begin(), chosen.end(),
            [](const auto* a, const auto* b) { return a->path < b->path; });
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  return chosen;
}

int run_extract(const ExtractOptions& options, Job& job) {
  const auto partition = open_partition(options.partition, job);
  if (!partition) {
    return job.fail(partition.error());
  }
  const auto chosen = choose(partition.value(), options, job);
  if (!chosen) {
    return host::kNo;
  }
  FolderWriter folder(options.folder);
  if (const auto problem = folder.open()) {
    return job.fail({host::kEnvironment, *problem});
  }
  uint64_t files = 0;
  uint64_t bytes = 0;
  int status = host::kOk;
  for (const LogRecord* file : *chosen) {
    const auto data = partition.value().data(*file);
    if (const auto problem = folder.write(file->path, data)) {
      const bool hostile = problem->id == "hostile-name";
      status = std::max(status, job.fail({hostile ? host::kNo : host::kEnvironment, *problem}));
      continue;
    }
    files += file->is_directory() ? 0 : 1;
    bytes += data.size();
  }
  job.field("output") = options.folder;
  job.field("files") = files;
  job.field("bytes") = bytes;
  job.summary(options.folder + ": " + host::count(files, "file") + " of " + host::bytes(bytes));
  return status;
}

}  // namespace

void add_extract(Verbs& verbs) {
  auto options = std::make_shared<ExtractOptions>();
  tools::CommandLine line = verbs.add("extract", "write the files into a folder",
                                      "  lilotafs-img extract -o files flash.img\n"
                                      "  lilotafs-img extract -o files flash.img apps",
                                      [options](Job& job) { return run_extract(*options, job); });
  line.option("-o,--output", "DIR", options->folder, "the folder; files in it are not overwritten")
      .required();
  add_partition(line, options->partition);
  line.argument("PATH", options->paths, "files and directories; all without");
}

}  // namespace flashstore::lilotafs_img
