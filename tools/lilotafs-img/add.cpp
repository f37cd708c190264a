// lilotafs-img add: files into a partition, as a device writes them.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include "editing.h"
#include "image/pack.h"
#include "sources.h"
#include "verbs.h"

namespace flashstore::lilotafs_img {
namespace {

using lilotafs::Error;
using Access = lilotafs::Volume::Access;

struct AddOptions {
  EditOptions edit;
  std::vector<std::string> files;
  std::string directory;  // of the partition; empty: the root
  std::string name;       // in it, of a single file; empty: its own
};

std::string target(const AddOptions& options, const std::string& file) {
  std::string directory = options.directory;
  directory.erase(0, directory.find_first_not_of('/'));
  if (!directory.empty() && !directory.ends_with('/')) {
    directory += '/';
  }
  return directory +
         (options.name.empty() ? std::filesystem::path(file).filename().string() : options.name);
}

std::vector<Source> collect(const AddOptions& options, Diagnostics& problems) {
  std::vector<Source> sources;
  for (const std::string& file : options.files) {
    const std::filesystem::path path(file);
    const std::string named = path.filename().empty() ? path.parent_path().string() : file;
    struct stat status {};
    if (stat(file.c_str(), &status) != 0) {
      problems.push_back({.id = "unreadable",
                          .message = std::string("cannot read it: ") + std::strerror(errno),
                          .file = file});
    } else if (S_ISDIR(status.st_mode)) {
      const std::string below = target(options, named) + "/";
      sources.push_back({.item = {below}});
      for (Source& source : image::sources_in(file, {}, problems)) {
        source.item.path = below + source.item.path;
        sources.push_back(std::move(source));
      }
    } else if (!S_ISREG(status.st_mode)) {
      problems.push_back({.id = "not-a-file",
                          .message = image::kind_of(status.st_mode) + " cannot be added",
                          .file = file});
    } else {
      sources.push_back(
          {.item = {target(options, file), static_cast<uint64_t>(status.st_size)}, .file = file});
    }
  }
  image::put_in_order(sources);
  return sources;
}

Error write(lilotafs::Volume& volume, const std::string& path, std::span<const uint8_t> bytes) {
  const auto descriptor = volume.open(path, Access::kCreate, static_cast<uint32_t>(bytes.size()));
  if (!descriptor) {
    return descriptor.error();
  }
  const Error written = volume.write(descriptor.value(), bytes);
  const Error closed = volume.close(descriptor.value());
  return written != Error::kOk ? written : closed;
}

int add(const Source& source, Edit& edit, Job& job) {
  const std::string& path = source.item.path;
  if (path.ends_with('/')) {
    const Error error = edit.volume().mkdir(path);
    return error == Error::kOk || error == Error::kExists ? host::kOk
                                                          : job.fail(edit.refused(path, error));
  }
  if (source.item.bytes > edit.volume().space().value().total) {
    return job.fail(edit.refused(path, Error::kNoSpace));
  }
  std::vector<uint8_t> bytes(source.item.bytes);
  if (const auto problem = image::read_source(source, bytes)) {
    return job.fail({host::kEnvironment, *problem});
  }
  const Error error = write(edit.volume(), path, bytes);
  return error == Error::kOk ? host::kOk : job.fail(edit.refused(path, error));
}

int run_add(const AddOptions& options, Job& job) {
  if (!options.name.empty() && options.files.size() != 1) {
    return job.usage_error("--as gives one file its name", "--to takes several to a directory");
  }
  Diagnostics problems;
  const std::vector<Source> sources = collect(options, problems);
  std::vector<image::PackItem> items;
  for (const Source& source : sources) {
    items.push_back(source.item);
  }
  for (const image::PathProblem& problem : image::check_paths(items)) {
    problems.push_back(
        {.id = std::string(name(problem.fault)),
         .message = "a partition cannot have it as '" + items[problem.item].path + "'",
         .file = sources[problem.item].file});
  }
  int status = host::kOk;
  for (const Diagnostic& problem : problems) {
    const bool unreadable = problem.id == "unreadable";
    status = std::max(status, job.fail({unreadable ? host::kEnvironment : host::kNo, problem}));
  }
  if (status != host::kOk) {
    return status;
  }
  Edit edit(options.edit);
  status = edit.open(job);
  for (size_t i = 0; i < sources.size() && status == host::kOk; ++i) {
    status = add(sources[i], edit, job);
  }
  return status == host::kOk ? edit.close(job) : status;
}

}  // namespace

void add_add(Verbs& verbs) {
  auto options = std::make_shared<AddOptions>();
  tools::CommandLine line =
      verbs.add("add", "write files into a partition, as a device does",
                "  lilotafs-img add flash.img init.lua apps/\n"
                "  lilotafs-img add flash.img new.json --to etc --as config.json",
                [options](Job& job) { return run_add(*options, job); });
  add_edit_options(line, options->edit);
  line.option("--to", "DIR", options->directory, "into that directory");
  line.option("--as", "NAME", options->name, "under that name");
  add_partition(line, options->edit.partition);
  line.argument("FILE", options->files, "files and folders").required();
}

}  // namespace flashstore::lilotafs_img
