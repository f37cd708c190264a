// Changes of a partition by the file system's own code, on a copy of the image.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lilotafs/volume.h"
#include "norsim/flash.h"
#include "outside_log.h"
#include "partition.h"

namespace flashstore::lilotafs_img {

struct EditOptions {
  PartitionOptions partition;
  std::string output;       // empty: the image itself
  bool compatible = false;  // no check bytes
};

void add_edit_options(tools::CommandLine& line, EditOptions& options);

// Reads the image, mounts the partition in it for writing, and writes the result once all changes
// have gone well.
class Edit {
 public:
  explicit Edit(const EditOptions& options) : options_(options) {}

  // Returns kOk, or a status: the reason has been said. So do the others. Refuses a partition with
  // files that writing could erase because its log does not lead to them.
  int open(Job& job);

  lilotafs::Volume& volume() { return *volume_; }
  // As it was when it was opened.
  const Partition& partition() const { return *partition_; }

  // What the file system says of a path, as a problem.
  Problem refused(const std::string& path, lilotafs::Error error) const;

  // Has the image written; tells what it took, of flash.
  int close(Job& job);

 private:
  Problem refused(const OutsideLog& outside) const;

  const EditOptions& options_;
  std::string file_;
  std::vector<uint8_t> bytes_;
  std::vector<uint8_t> buffer_;
  std::optional<Partition> partition_;
  std::optional<norsim::Flash> flash_;
  std::optional<lilotafs::Volume> volume_;
};

}  // namespace flashstore::lilotafs_img
