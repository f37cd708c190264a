// lilotafs-img rm: files out of a partition, as a device removes them.
#include <memory>

#include "editing.h"
#include "verbs.h"

namespace flashstore::lilotafs_img {
namespace {

using lilotafs::Error;

struct RmOptions {
  EditOptions edit;
  std::vector<std::string> paths;
  bool recursive = false;
};

// `path` and, of a directory, all that is in it, what is deepest first.
std::vector<std::string> victims(const Partition& partition, const LogRecord& file) {
  std::vector<std::string> paths;
  for (auto found = partition.files().rbegin(); found != partition.files().rend(); ++found) {
    if (found->first == file.path || (file.is_directory() && found->first.starts_with(file.path))) {
      paths.push_back(found->first);
    }
  }
  return paths;
}

int run_rm(const RmOptions& options, Job& job) {
  Edit edit(options.edit);
  if (const int status = edit.open(job); status != host::kOk) {
    return status;
  }
  for (const std::string& path : options.paths) {
    const LogRecord* file = edit.partition().find(path);
    if (file == nullptr) {
      return job.fail(edit.refused(path, Error::kNotFound));
    }
    const std::vector<std::string> all =
        options.recursive ? victims(edit.partition(), *file) : std::vector{file->path};
    for (const std::string& victim : all) {
      const Error error = edit.volume().remove(victim);
      if (error != Error::kOk) {
        return job.fail(edit.refused(victim, error));
      }
    }
  }
  return edit.close(job);
}

}  // namespace

void add_rm(Verbs& verbs) {
  auto options = std::make_shared<RmOptions>();
  tools::CommandLine line = verbs.add("rm", "remove files from a partition, as a device does",
                                      "  lilotafs-img rm flash.img old.lua\n"
                                      "  lilotafs-img rm -r flash.img apps",
                                      [options](Job& job) { return run_rm(*options, job); });
  line.flag("-r,--recursive", options->recursive, "directories with all that is in them");
  add_edit_options(line, options->edit);
  add_partition(line, options->edit.partition);
  line.argument("PATH", options->paths, "files and directories").required();
}

}  // namespace flashstore::lilotafs_img
