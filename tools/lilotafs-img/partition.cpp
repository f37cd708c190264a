#include "partition.h"

#include <utility>

#include "host/quantities.h"
#include "lilotafs/format.h"
#include "norsim/flash.h"
#include "recognise.h"

namespace flashstore::lilotafs_img {
namespace {

using host::Severity;
using lilotafs::kSectorBytes;
using lilotafs::Record;

constexpr uint32_t kMinBytes = lilotafs::kMinSectors * kSectorBytes;
constexpr size_t kBufferBytes = 4096;

Problem refused(const std::string& file, std::string id, const std::string& message,
                const std::string& hint) {
  return {host::kNo, {.id = std::move(id), .message = message, .hint = hint, .file = file}};
}

std::string size_hint(uint64_t bytes) {
  const uint64_t below = bytes / kSectorBytes * kSectorBytes;
  return "a partition of " + std::to_string(below) + " B or " +
         std::to_string(below + kSectorBytes) +
         " B is whole sectors; --offset and --size choose a part of a file";
}

}  // namespace

tools::Option add_partition(tools::CommandLine& line, PartitionOptions& options) {
  const tools::Option image = tools::add_image(line, options.image);
  tools::add_size(line, "--offset", options.offset, "the partition begins there in the file");
  tools::add_size(line, "--size", options.size, "and has so many bytes");
  return image;
}

core::Result<std::vector<uint8_t>, Problem> choose_part(const PartitionOptions& options,
                                                        std::string_view part) {
  if (part.empty()) {
    return refused(options.image, "empty", "no lilotafs partition: it is empty", "");
  }
  const uint64_t offset = options.offset.value_or(0);
  const uint64_t size =
      options.size.value_or(part.size() - std::min<uint64_t>(offset, part.size()));
  if (offset >= part.size() || size > part.size() - offset) {
    return refused(
        options.image, "out-of-file",
        "the part that was asked for is not in the file, which has " + host::bytes(part.size()),
        "");
  }
  part = part.substr(offset, size);
  const std::span bytes{reinterpret_cast<const uint8_t*>(part.data()), part.size()};
  if (part.size() % kSectorBytes != 0 || part.size() < kMinBytes) {
    if (const auto known = recognise(bytes)) {
      return refused(options.image, known->id, "no lilotafs partition: it is " + known->what,
                     known->way_out);
    }
    const bool small = part.size() < kMinBytes;
    return refused(options.image, small ? "too-small" : "not-whole-sectors",
                   small ? "no lilotafs partition: it has " + host::bytes(part.size()) +
                               ", the smallest " + host::bytes(kMinBytes)
                         : "no lilotafs partition: " + host::bytes(part.size()) +
                               " is no whole number of sectors",
                   small ? "" : size_hint(part.size()));
  }
  return std::vector<uint8_t>(bytes.begin(), bytes.end());
}

const LogRecord* Partition::find(std::string path) const {
  path.erase(0, path.find_first_not_of('/'));
  auto found = files_.find(path);
  if (found == files_.end()) {
    found = files_.find(path + "/");
  }
  return found == files_.end() ? nullptr : &found->second;
}

// Follows the chain of a partition at rest. Returns false if it does not end.
bool Partition::walk() {
  norsim::Flash flash(norsim::Contents::over(bytes_));
  std::vector<uint8_t> buffer(kBufferBytes);
  lilotafs::Window window(flash, buffer);
  uint32_t address = report_.head;
  for (uint32_t left = size() / lilotafs::kAlignment; address != report_.tail; --left) {
    LogRecord found;
    found.record = lilotafs::read_record(window, address);
    if (left == 0 || !found.record.in_chain()) {
      return false;
    }
    found.path = lilotafs::read_name(window, found.record);
    if (found.record.kind == Record::Kind::kWrap) {
      found.use = RecordUse::kWrap;
    } else if (found.record.name_bytes == 0 && found.record.status == lilotafs::kStatusWear) {
      found.use = RecordUse::kWear;
    }
    found.end = found.record.next == 0 ? size() : found.record.next;
    address = found.end == report_.tail ? found.end : found.record.next;
    records_.push_back(std::move(found));
  }
  return true;
}

core::Result<Partition, Problem> mount_partition(const std::string& name,
                                                 std::vector<uint8_t> bytes) {
  Partition partition;
  norsim::Flash flash(norsim::Contents::over(bytes));
  std::vector<uint8_t> buffer(kBufferBytes);
  lilotafs::Volume volume(flash, buffer);
  const auto report = volume.mount();
  if (!report) {
    const auto known = recognise(bytes);
    return refused(name, known ? known->id : "no-file-system",
                   "no lilotafs partition" + (known ? ": it is " + known->what : std::string()),
                   known ? known->way_out
                         : "'lilotafs-img fsck --salvage DIR' saves the files that are in it");
  }
  partition.report_ = report.value();
  if (const auto space = volume.space()) {
    partition.largest_new_file_ = space.value().free;
  }
  partition.bytes_ = flash.contents().bytes();
  if (!partition.walk()) {
    return refused(name, "damaged", "the log of the partition is damaged", "");
  }
  // Of two versions the later committed one counts; a migrating one only if it is alone.
  for (LogRecord& found : partition.records_) {
    const Record& record = found.record;
    if (record.committed() || record.migrating()) {
      const auto [known, is_new] = partition.files_.try_emplace(found.path, found);
      if (!is_new && (record.committed() || !known->second.record.committed())) {
        known->second = found;
      }
    }
  }
  for (LogRecord& found : partition.records_) {
    const auto known = partition.files_.find(found.path);
    if (known != partition.files_.end() && known->second.record.address == found.record.address) {
      found.use = known->second.use = RecordUse::kLive;
    }
  }
  return partition;
}

core::Result<Partition, Problem> open_partition(const PartitionOptions& options, Job& job) {
  const auto file = job.read(options.image, kMaxFileBytes);
  if (!file) {
    return file.error();
  }
  auto bytes = choose_part(options, file.value());
  if (!bytes) {
    return bytes.error();
  }
  auto partition = mount_partition(options.image, bytes.value());
  if (partition && partition.value().report().cases != 0) {
    job.report({.id = "needs-repair",
                .severity = Severity::kWarning,
                .message = "shown as it is after the repair that a mount would do",
                .hint = "'lilotafs-img fsck' tells what that is",
                .file = options.image});
  }
  return partition;
}

}  // namespace flashstore::lilotafs_img
