// A file taken for a lilotafs partition: read, mounted in memory, its log open to be looked at. The
// file itself stays as it is.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/arguments.h"
#include "core/result.h"
#include "job.h"
#include "lilotafs/record.h"
#include "lilotafs/volume.h"

namespace flashstore::lilotafs_img {

// Which part of a file is the partition.
struct PartitionOptions {
  std::string image;  // "-" is standard input
  std::optional<uint32_t> offset;
  std::optional<uint32_t> size;
};

// Returns the image, which is required.
tools::Option add_partition(tools::CommandLine& line, PartitionOptions& options);

// More than any NOR chip has.
inline constexpr size_t kMaxFileBytes = 256 << 20;

// The bytes of the partition in `file`, read from the image: all of it, or the part that was asked
// for. Everything a partition cannot be is refused, what is known by sight by its name.
core::Result<std::vector<uint8_t>, Problem> choose_part(const PartitionOptions& options,
                                                        std::string_view file);

// What a record of the chain is for.
enum class RecordUse : uint8_t {
  kLive,  // the valid version of a file or directory
  kDead,  // a version that is not valid, a dummy head, a wear marker that counts no more
  kWear,  // a wear marker
  kWrap,  // a wrap marker, with all that is behind it
};

struct LogRecord {
  lilotafs::Record record;
  std::string path;  // a directory's ends with '/'
  RecordUse use = RecordUse::kDead;
  uint32_t end = 0;  // where the next one begins, or the partition ends

  bool is_directory() const { return path.ends_with('/'); }
};

class Partition {
 public:
  std::span<const uint8_t> bytes() const { return bytes_; }
  uint32_t size() const { return static_cast<uint32_t>(bytes_.size()); }
  const lilotafs::MountReport& report() const { return report_; }
  // In the order of the chain.
  const std::vector<LogRecord>& records() const { return records_; }
  // Live files and directories by their paths.
  const std::map<std::string, LogRecord>& files() const { return files_; }
  // nullptr: there is none. Slashes in front do not count; directories go with or without theirs.
  const LogRecord* find(std::string path) const;

  // Bytes of the largest file that can still be written.
  uint32_t largest_new_file() const { return largest_new_file_; }

  std::span<const uint8_t> data(const LogRecord& file) const {
    return bytes().subspan(file.record.data, file.record.length);
  }

 private:
  friend core::Result<Partition, Problem> mount_partition(const std::string& name,
                                                          std::vector<uint8_t> bytes);
  bool walk();

  std::vector<uint8_t> bytes_;  // as a mount leaves them
  lilotafs::MountReport report_;
  uint32_t largest_new_file_ = 0;
  std::vector<LogRecord> records_;
  std::map<std::string, LogRecord> files_;
};

// What a device makes of `bytes`, read from `name`, when it mounts them.
core::Result<Partition, Problem> mount_partition(const std::string& name,
                                                 std::vector<uint8_t> bytes);

// The partition of an image, mounted; says so if it takes repair.
core::Result<Partition, Problem> open_partition(const PartitionOptions& options, Job& job);

}  // namespace flashstore::lilotafs_img
