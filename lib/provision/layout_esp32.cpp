// An ESP32: boot loader, partition table and app, each a file, or all of them merged into one.
#include <algorithm>

#include "host/numbers.h"
#include "host/printable.h"
#include "host/quantities.h"
#include "provision/chip_kind.h"
#include "provision/esp32_files.h"
#include "provision/idf_change.h"
#include "provision/layout.h"

namespace flashstore::provision {
namespace {

using partition::IdfPartition;
using Bytes = std::span<const uint8_t>;

constexpr const char* kBootName = "boot loader";
constexpr const char* kTableName = "partition table";
constexpr const char* kDefaultFilesLabel = "lilotafs";

constexpr uint8_t kApp = 0;
constexpr uint8_t kFactory = 0;
constexpr uint8_t kFirstOta = 0x10;
constexpr uint8_t kData = 1;
constexpr uint8_t kOtaData = 0;

// Flash is mapped in pages, data to this part of the address space.
constexpr uint32_t kMapPageBytes = 0x10000;
constexpr uint32_t kMapBegin = 0x3F400000;
constexpr uint32_t kMapEnd = 0x3F800000;

template <class Partitions, class Is>
auto* find(Partitions& partitions, Is is) {
  const auto found = std::find_if(partitions.begin(), partitions.end(), is);
  return found == partitions.end() ? nullptr : &*found;
}

class Planner {
 public:
  Planner(const Manifest& manifest, const Inputs& inputs, const DeviceState& device)
      : manifest_(manifest), inputs_(inputs), device_(device) {}

  core::Result<Layout, Problem> run() {
    auto files = read_esp32_files(manifest_, inputs_);
    if (!files) {
      return files.error();
    }
    files_ = std::move(files).value();
    for (const auto step :
         {&Planner::find_size, &Planner::change_header, &Planner::find_table, &Planner::move_places,
          &Planner::check_table, &Planner::place_table, &Planner::place_app, &Planner::place_rest,
          &Planner::place_lfs, &Planner::place_files, &Planner::erase_otadata}) {
      if (auto problem = (this->*step)()) {
        return *problem;
      }
    }
    return std::move(layout_);
  }

 private:
  std::optional<Problem> find_size() {
    uint32_t told = device_.flash_bytes;
    if (files_.boot) {
      told = files_.boot->header.flash_bytes();
    } else if (told == 0 && files_.app) {
      told = files_.app->header.flash_bytes();
    }
    const auto bytes = find_flash_size(manifest_, told, device_);
    if (!bytes) {
      return bytes.error();
    }
    layout_.flash_bytes = bytes.value();
    return std::nullopt;
  }

  // Chips go by the boot loader's header; the others' say nothing to them.
  std::optional<Problem> change_header() {
    const Manifest::Flash& flash = manifest_.flash;
    if (!files_.boot) {
      if (!flash.mode.empty() || !flash.frequency.empty()) {
        return refused("no-bootloader",
                       "mode and frequency of the flash stand in the boot loader, which is not in "
                       "the plan",
                       "give the boot loader, too");
      }
      return std::nullopt;
    }
    std::vector<uint8_t> bytes = in_whole_sectors(files_.boot->bytes);
    image::HeaderChange change{
        .size = image::flash_size(files_.boot->header.format, layout_.flash_bytes)};
    if (!flash.mode.empty()) {
      change.mode = image::flash_mode(flash.mode);
    }
    if (!flash.frequency.empty()) {
      change.speed = image::flash_speed(files_.boot->header, flash.frequency);
    }
    image::change_firmware_header(std::span(bytes).first(files_.boot->header.bytes),
                                  files_.boot->header, change);
    layout_.gate = add(kBootName, files_.boot->file, kEsp32BootAddress, bytes, kBootName,
                       "boot loader behind its first sector");
    return std::nullopt;
  }

  size_t add(std::string name, std::string file, uint32_t address, Bytes bytes, std::string home,
             std::string reason) {
    layout_.firmware.push_back({std::move(name), std::move(file), address, in_whole_sectors(bytes),
                                std::move(home), std::move(reason)});
    return layout_.firmware.size() - 1;
  }

  template <class Partitions>
  auto* find_lfs(Partitions& partitions) const {
    const std::string& label = manifest_.partitions.lfs.label;
    return find(partitions, [&](const IdfPartition& partition) {
      return label.empty() ? partition.type == partition::kIdfLfsType &&
                                 partition.subtype == partition::kIdfLfsSubtype
                           : partition.name() == label;
    });
  }

  std::optional<Problem> find_table() {
    std::optional<OwnIdfTable> of_device;
    if (!device_.page.empty()) {
      if (auto read = read_own_table(device_.page); read && !read.value().partitions.empty()) {
        of_device = std::move(read).value();
        if (const IdfPartition* lfs = find_lfs(of_device->partitions)) {
          layout_.old_lfs = lfs->address;
        }
      }
    }
    if (manifest_.partitions.policy == TablePolicy::kFirmware && files_.table) {
      table_ = *files_.table;
    } else if (of_device) {
      table_ = *of_device;
      is_devices_ = true;
    } else {
      const bool is_known = !device_.page.empty();
      return refused(
          "no-table",
          is_known ? "the device has no partition table of an ESP32"
                   : "nothing tells where in the flash things are",
          "\"partition_table\" brings one, or a merged firmware; --device FILE gives the device's");
    }
    found_ = table_;
    return std::nullopt;
  }

  const std::string& files_label() const {
    static const std::string kUsual = kDefaultFilesLabel;
    const std::string& label = manifest_.partitions.lilotafs.label;
    return label.empty() ? kUsual : label;
  }

  IdfPartition* find_files() {
    return find(table_.partitions,
                [&](const IdfPartition& partition) { return partition.name() == files_label(); });
  }

  std::optional<Problem> move_places() {
    const Manifest::Partitions& wanted = manifest_.partitions;
    IdfPartition lfs{.type = partition::kIdfLfsType, .subtype = partition::kIdfLfsSubtype};
    IdfPartition files{.type = kData, .subtype = kUndefinedData};
    if (!lfs.set_name(wanted.lfs.label.empty() ? "lfs" : wanted.lfs.label) ||
        !files.set_name(files_label())) {
      return refused("label", "a label has 16 bytes at most");
    }
    if (auto problem = move("LFS", lfs, find_lfs(table_.partitions), wanted.lfs)) {
      return problem;
    }
    return move("files", files, find_files(), wanted.lilotafs);
  }

  std::optional<Problem> move(const std::string& what, const IdfPartition& fresh,
                              IdfPartition* found, const Place& place) {
    if (!place.moves()) {
      return std::nullopt;
    }
    switch (
        change(table_.partitions, found, fresh, place.address, place.bytes, layout_.flash_bytes)) {
      case IdfChange::kDone:
      case IdfChange::kFlashUnknown:  // it is known
        return std::nullopt;
      case IdfChange::kNoPartition:
        break;
    }
    return refused("no-partition",
                   "the table has no partition for " + what + " that could be moved",
                   "with a size it gets one");
  }

  std::optional<Problem> check_table() {
    std::vector<NamedPart> named;
    for (const IdfPartition& partition : table_.partitions) {
      named.push_back(
          {host::printable(std::string(partition.name())), partition.address, partition.bytes});
    }
    const auto verdict = partition::validate(table_.partitions, layout_.flash_bytes);
    if (!verdict.ok()) {
      Problem problem{host::kNo, explain(verdict, named, layout_.flash_bytes)};
      problem.diagnostic.file = is_devices_ ? "" : files_.table_file;
      return problem;
    }
    layout_.idf_table = table_.partitions;
    layout_.parts.push_back({.named = {kBootName, kEsp32BootAddress, kEsp32BootBytes}});
    layout_.parts.push_back({.named = {kTableName, partition::kIdfAddress, kTableBytes}});
    for (size_t i = 0; i < named.size(); ++i) {
      const IdfPartition& partition = table_.partitions[i];
      const bool has_format = partition.type == kApp || &partition == find_files() ||
                              &partition == find_lfs(table_.partitions);
      layout_.parts.push_back({.named = named[i],
                               .takes_raw = !has_format,
                               .is_encrypted = (partition.flags & partition::kIdfEncrypted) != 0});
    }
    return std::nullopt;
  }

  // One that is as the device has it is not written again.
  std::optional<Problem> place_table() {
    if (is_devices_ && table_.partitions == found_.partitions) {
      return std::nullopt;
    }
    std::vector<uint8_t> sector(kTableBytes, 0xFF);
    const auto written =
        partition::write_idf_table(table_.partitions, table_.has_digest, std::span(sector));
    if (!written) {
      return refused("table-full", "the partition table has no room for a partition more");
    }
    layout_.table_index = add(kTableName, is_devices_ ? kTableName : files_.table_file,
                              partition::kIdfAddress, sector, kTableName, kTableName);
    return std::nullopt;
  }

  // The partition of the app that is in the plan.
  const IdfPartition* find_app() const {
    const std::string& label = manifest_.partitions.app;
    const auto is = [&](uint8_t subtype) {
      return find(table_.partitions, [&](const IdfPartition& partition) {
        return partition.type == kApp &&
               (label.empty() ? partition.subtype == subtype : partition.name() == label);
      });
    };
    const IdfPartition* factory = is(kFactory);
    return factory != nullptr ? factory : is(kFirstOta);
  }

  std::optional<Problem> place_app() {
    if (manifest_.firmware.empty()) {
      return std::nullopt;
    }
    const IdfPartition* place = find_app();
    if (place == nullptr) {
      return refused("no-app-partition",
                     manifest_.partitions.app.empty()
                         ? "the table has no partition 'factory' and no 'ota_0' for the app"
                         : "the table has no app partition of label '" +
                               host::printable(manifest_.partitions.app) + "'",
                     "\"app\" of \"partitions\" names another", manifest_.firmware);
    }
    if (!files_.app) {
      auto read = read_esp32_image(manifest_, manifest_.firmware,
                                   without_blank_end(merged_at(*place)), "the app");
      if (!read) {
        return read.error();
      }
      files_.app = std::move(read).value();
    }
    if (files_.app->bytes.size() > place->bytes) {
      return refused("app-too-large",
                     "the app has " + host::bytes(files_.app->bytes.size()) + ", its partition " +
                         host::bytes(place->bytes),
                     "", manifest_.firmware);
    }
    const size_t index = add("app", manifest_.firmware, place->address, files_.app->bytes,
                             host::printable(std::string(place->name())), "app");
    layout_.replaces_app = true;
    if (!layout_.gate) {
      layout_.gate = index;
      layout_.firmware[index].reason = "app behind its first sector";
      layout_.has_rival = std::any_of(table_.partitions.begin(), table_.partitions.end(),
                                      [&](const IdfPartition& partition) {
                                        return partition.type == kApp && &partition != place;
                                      });
    }
    return std::nullopt;
  }

  // What a merged file has for a partition.
  Bytes merged_at(const IdfPartition& place) const {
    const Bytes flash = files_.merged;
    const size_t begin = std::min<size_t>(place.address, flash.size());
    return flash.subspan(begin, std::min<size_t>(place.bytes, flash.size() - begin));
  }

  // What else a merged file has in it. What is blank there stays as it is on the device.
  std::optional<Problem> place_rest() {
    std::vector<uint8_t> left = files_.merged;
    const auto take = [&](uint32_t address, uint32_t bytes) {
      const size_t begin = std::min<size_t>(address, left.size());
      const size_t end = std::min<size_t>(uint64_t{address} + bytes, left.size());
      std::fill(left.begin() + static_cast<ptrdiff_t>(begin),
                left.begin() + static_cast<ptrdiff_t>(end), uint8_t{0xFF});
    };
    for (const Part& part : layout_.parts) {
      take(part.named.address, part.named.bytes);
    }
    if (!is_blank(left)) {
      const auto stray =
          std::find_if(left.begin(), left.end(), [](uint8_t b) { return b != 0xFF; });
      return refused("stray-bytes",
                     "the firmware has something at " +
                         host::hex(static_cast<uint64_t>(stray - left.begin())) +
                         ", where no partition is",
                     "", manifest_.firmware);
    }
    for (const IdfPartition& partition : table_.partitions) {
      if (const Bytes bytes = merged_at(partition); !is_blank(bytes) && &partition != find_app()) {
        if (auto problem = place_merged(partition, bytes)) {
          return problem;
        }
      }
    }
    return std::nullopt;
  }

  std::optional<Problem> place_merged(const IdfPartition& partition, Bytes bytes) {
    const std::string label = host::printable(std::string(partition.name()));
    const bool is_lfs = &partition == find_lfs(table_.partitions);
    if (is_lfs || &partition == find_files()) {
      if (is_lfs ? manifest_.lfs.is_given() : manifest_.lilotafs.is_given()) {
        return std::nullopt;
      }
      return refused("unchecked-content",
                     "the firmware has something for " + label + ", which nobody has checked",
                     is_lfs ? "give LFS as \"lfs\"" : "give the files as \"lilotafs\"",
                     manifest_.firmware);
    }
    if (partition.type == kApp) {
      const auto image =
          read_esp32_image(manifest_, manifest_.firmware, bytes, "the app of " + label);
      if (!image) {
        return image.error();
      }
      add(label, manifest_.firmware, partition.address, without_blank_end(bytes), label,
          "another app");
      return std::nullopt;
    }
    // All of it: what the device had behind it would be taken for a part of it.
    std::vector<uint8_t> whole(bytes.begin(), bytes.end());
    whole.resize(partition.bytes, 0xFF);
    add(label, manifest_.firmware, partition.address, whole, label, "data of the firmware");
    return std::nullopt;
  }

  std::optional<Problem> place_lfs() {
    const IdfPartition* place = find_lfs(table_.partitions);
    if (place == nullptr) {
      return std::nullopt;
    }
    layout_.lfs = {manifest_.numbers, place->address, place->bytes, 0};
    if (!manifest_.lfs.is_given()) {
      return std::nullopt;
    }
    const auto mapped = manifest_.partitions.lfs.mapped;
    if (!mapped) {
      return refused("mapped-unknown",
                     "where the firmware maps LFS to, no file tells: it is found at run time",
                     "\"mapped\" of \"lfs\" in \"partitions\" tells; on the board, "
                     "node.info(\"lfs\").lfs_mapped does");
    }
    if (place->address % kMapPageBytes != 0) {
      return refused(
          "lfs-unaligned",
          "LFS at " + host::hex(place->address) + " cannot be mapped: flash is, in pages of 64 KiB",
          "an address that is a multiple of 0x10000 is wanted");
    }
    if (*mapped % kMapPageBytes != 0 || *mapped < kMapBegin || *mapped >= kMapEnd ||
        place->bytes > kMapEnd - *mapped) {
      return refused(
          "mapped-address",
          "an ESP32 maps no " + host::bytes(place->bytes) + " of flash to " + host::hex(*mapped),
          "multiples of 0x10000 from " + host::hex(kMapBegin) + " up to " + host::hex(kMapEnd) +
              " are possible");
    }
    layout_.lfs->base = *mapped;
    if (!manifest_.numbers && manifest_.lfs.is_compiled()) {
      layout_.notes.push_back({.id = "unknown-firmware",
                               .severity = host::Severity::kNote,
                               .message = "firmware of an ESP32 does not tell what numbers it has: "
                                          "float ones are taken for granted"});
    }
    return std::nullopt;
  }

  std::optional<Problem> place_files() {
    if (const IdfPartition* place = find_files()) {
      layout_.files = partition::Partition{partition::kLilotafs, place->address, place->bytes};
    }
    return std::nullopt;
  }

  // It tells which of several apps boots.
  std::optional<Problem> erase_otadata() {
    const IdfPartition* place = find(table_.partitions, [](const IdfPartition& partition) {
      return partition.type == kData && partition.subtype == kOtaData;
    });
    if (manifest_.erases_otadata) {
      if (place == nullptr) {
        return refused("no-otadata", "the table has no partition of OTA data to be erased");
      }
      layout_.erasures.push_back(
          {place->address, place->bytes, "which app boots is to be found anew"});
    } else if (place != nullptr && layout_.replaces_app && is_blank(merged_at(*place))) {
      layout_.notes.push_back(
          {.id = "otadata-kept",
           .severity = host::Severity::kNote,
           .message = "the OTA data stays: the device may boot another app than the plan's",
           .hint = "\"otadata\": \"erase\" makes it boot the factory's, or the first"});
    }
    return std::nullopt;
  }

  const Manifest& manifest_;
  const Inputs& inputs_;
  const DeviceState& device_;
  Esp32Files files_;
  OwnIdfTable table_;
  OwnIdfTable found_;  // before it was changed
  bool is_devices_ = false;
  Layout layout_;
};

}  // namespace

core::Result<Layout, Problem> lay_out_esp32(const Manifest& manifest, const Inputs& inputs,
                                            const DeviceState& device) {
  return Planner(manifest, inputs, device).run();
}

}  // namespace flashstore::provision
