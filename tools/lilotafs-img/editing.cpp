#include "editing.h"

#include <algorithm>

#include "host/json.h"
#include "host/quantities.h"
#include "norsim/operation.h"

namespace flashstore::lilotafs_img {
namespace {

constexpr size_t kBufferBytes = 4096;

}  // namespace

void add_edit_options(tools::CommandLine& line, EditOptions& options) {
  line.option("-o,--output", "IMG", options.output,
              "write the changed image there, not in its place");
  line.flag("--compat", options.compatible, "as the original writes: no check bytes");
}

int Edit::open(Job& job) {
  if (options_.partition.image == "-" && options_.output.empty()) {
    return job.usage_error("standard input cannot be changed in its place",
                           "-o IMG writes the changed image elsewhere");
  }
  if (options_.output == "-" && job.json()) {
    return job.usage_error("stdout cannot be the image and the JSON document",
                           "give the output a name");
  }
  auto file = job.read(options_.partition.image, kMaxFileBytes);
  if (!file) {
    return job.fail(file.error());
  }
  file_ = std::move(file).value();
  auto bytes = choose_part(options_.partition, file_);
  if (!bytes) {
    return job.fail(bytes.error());
  }
  bytes_ = std::move(bytes).value();
  auto partition = mount_partition(options_.partition.image, bytes_);
  if (!partition) {
    return job.fail(partition.error());
  }
  partition_ = std::move(partition).value();
  flash_.emplace(norsim::Contents::over(bytes_));
  buffer_.resize(kBufferBytes);
  volume_.emplace(*flash_, buffer_);
  norsim::OperationLog operations;
  flash_->watch(&operations);
  const auto report = volume_->mount({.check_bytes = !options_.compatible});
  flash_->watch(nullptr);
  if (!report) {
    return job.fail(refused(options_.partition.image, report.error()));
  }
  const auto outside = files_outside_log(bytes_, operations.entries(), *partition_);
  return outside ? job.fail(refused(*outside)) : host::kOk;
}

Problem Edit::refused(const OutsideLog& outside) const {
  return {host::kNo,
          {.id = "files-outside-log",
           .message = "there are " + host::count(outside.count, "file") +
                      " or directories in it that the log does not lead to, one of them " +
                      outside.first + "; to write on can erase them",
           .hint = "'lilotafs-img fsck --salvage DIR' saves them, 'fsck -y' makes the partition "
                   "anew with them; the image stays as it was",
           .file = options_.partition.image,
           .offset = options_.partition.offset.value_or(0) + outside.offset}};
}

Problem Edit::refused(const std::string& path, lilotafs::Error error) const {
  const bool full = error == lilotafs::Error::kNoSpace;
  return {host::kNo,
          {.id = full ? "no-space" : "refused",
           .message = path + ": " + describe(error),
           .hint = full ? "'lilotafs-img info' tells what fits; the image stays as it was"
                        : "the image stays as it was",
           .file = options_.partition.image}};
}

int Edit::close(Job& job) {
  if (const lilotafs::Error error = volume_->unmount(); error != lilotafs::Error::kOk) {
    return job.fail(refused("unmount", error));
  }
  const norsim::Counters& counters = flash_->counters();
  const std::string& output = options_.output.empty() ? options_.partition.image : options_.output;
  job.field("output") = output;
  job.field("programmed_bytes") = counters.program_bytes;
  job.field("erases") = counters.erases;
  job.summary(output + ": " + host::bytes(counters.program_bytes) + " programmed, " +
              host::count(counters.erases, "sector") + " erased");
  const std::vector<uint8_t> after = flash_->contents().bytes();
  std::vector<uint8_t> file(file_.begin(), file_.end());
  std::copy(after.begin(), after.end(),
            file.begin() + static_cast<ptrdiff_t>(options_.partition.offset.value_or(0)));
  return job.write(output, std::move(file));
}

}  // namespace flashstore::lilotafs_img
