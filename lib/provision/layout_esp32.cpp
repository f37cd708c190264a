// An ESP32: boot loader, partition table and app, each a file, or all of them merged into one.
#include <algorithm>

#include "core/bytes.h"
#include "core/nor_flash.h"
#include "host/numbers.h"
#include "host/printable.h"
#include "host/quantities.h"
#include "provision/chip_kind.h"
#include "provision/idf_change.h"
#include "provision/layout.h"

namespace flashstore::provision {
namespace {

using partition::IdfPartition;
using Bytes = std::span<const uint8_t>;

constexpr uint32_t kSectorBytes = core::NorFlash::kSectorBytes;
constexpr uint32_t kBootAddress = 0x1000;
constexpr uint32_t kBootBytes = partition::kIdfAddress - kBootAddress;
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

// What Espressif's tools append for secure boot: version 1 so many bytes, of which the first word
// is 0; version 2 a sector.
constexpr size_t kSignatureBytes = 68;
constexpr uint8_t kSignatureSectorMagic = 0xE7;

Bytes without_blank_end(Bytes bytes) {
  const auto last = std::find_if(bytes.rbegin(), bytes.rend(), [](uint8_t b) { return b != 0xFF; });
  return bytes.first(static_cast<size_t>(bytes.rend() - last));
}

// Whether `file`, an image of so many bytes and what follows it, has a signature behind the image.
bool is_signed(Bytes file, uint32_t image_bytes) {
  const size_t sector = (image_bytes + kSectorBytes - 1) / kSectorBytes * kSectorBytes;
  if (sector + kSectorBytes <= file.size() && file[sector] == kSignatureSectorMagic) {
    return true;
  }
  const Bytes rest = without_blank_end(file.subspan(image_bytes));
  return rest.size() > 4 && rest.size() <= kSignatureBytes && core::load_word(rest, 0) == 0 &&
         std::any_of(rest.begin(), rest.end(), [](uint8_t byte) { return byte != 0; });
}

Problem with_secure_boot(const std::string& what, const std::string& file) {
  return refused("secure-boot", what + " is signed for secure boot",
                 "Espressif's own tools are for chips that boot securely", file);
}

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
    for (const auto step : {&Planner::read_files, &Planner::find_size, &Planner::change_header,
                            &Planner::find_table, &Planner::move_places, &Planner::check_table,
                            &Planner::place_table, &Planner::place_app, &Planner::place_rest,
                            &Planner::place_lfs, &Planner::place_files, &Planner::erase_otadata}) {
      if (auto problem = (this->*step)()) {
        return *problem;
      }
    }
    return std::move(layout_);
  }

 private:
  // An image and what follows it in its file.
  struct Image {
    std::string file;
    Bytes bytes;
    image::FirmwareHeader header;
  };

  Bytes bytes_of(const std::string& file) const { return as_span(inputs_.files.at(file)); }

  core::Result<Image, Problem> read_image(const std::string& file, Bytes bytes,
                                          const std::string& what) const {
    auto header = image::read_firmware_header(bytes);
    if (!header) {
      return bad_firmware(header.error(), file);
    }
    if (auto problem = check_chip(manifest_, header.value(), file)) {
      return *problem;
    }
    if (is_signed(bytes, header.value().bytes)) {
      return with_secure_boot(what, file);
    }
    return Image{file, bytes, std::move(header).value()};
  }

  std::optional<Problem> read_files() {
    const std::string& firmware = manifest_.firmware;
    const auto at = firmware.empty() ? std::nullopt : find_merged(bytes_of(firmware));
    if (at) {
      if (!manifest_.bootloader.empty() || !manifest_.partition_table.empty()) {
        return refused("two-of-one", "the firmware has a boot loader and a partition table itself",
                       "leave \"bootloader\" and \"partition_table\" out, or give the app alone",
                       firmware);
      }
      return read_merged(*at);
    }
    if (!manifest_.bootloader.empty()) {
      if (auto problem = read_bootloader(manifest_.bootloader, bytes_of(manifest_.bootloader))) {
        return problem;
      }
    }
    if (!manifest_.partition_table.empty()) {
      const std::string& file = manifest_.partition_table;
      if (auto problem = read_table(file, bytes_of(file))) {
        return problem;
      }
    }
    return firmware.empty() ? std::nullopt : read_app(firmware, bytes_of(firmware));
  }

  // Where a file that has everything begins in flash; nullopt: it is an app.
  static std::optional<uint32_t> find_merged(Bytes file) {
    for (const uint32_t begin : {0u, kBootAddress}) {
      const uint32_t boot = kBootAddress - begin;
      const uint32_t table = partition::kIdfAddress - begin;
      if (file.size() > table && file[boot] == partition::kImageMagic) {
        const auto read = read_own_table(file.subspan(table));
        if (read.ok() && !read.value().partitions.empty()) {
          return begin;
        }
      }
    }
    return std::nullopt;
  }

  std::optional<Problem> read_merged(uint32_t begin) {
    const std::string& file = manifest_.firmware;
    // As it is in flash.
    merged_.assign(begin, 0xFF);
    const Bytes bytes = bytes_of(file);
    merged_.insert(merged_.end(), bytes.begin(), bytes.end());
    const Bytes flash = merged_;
    if (!is_blank(flash.first(kBootAddress))) {
      return with_secure_boot("the boot loader", file);
    }
    if (auto problem = read_bootloader(file, flash.subspan(kBootAddress, kBootBytes))) {
      return problem;
    }
    const size_t table_bytes = std::min<size_t>(kTableBytes, flash.size() - partition::kIdfAddress);
    return read_table(file, flash.subspan(partition::kIdfAddress, table_bytes));
  }

  std::optional<Problem> read_bootloader(const std::string& file, Bytes bytes) {
    auto read = read_image(file, bytes, "the boot loader");
    if (!read) {
      return read.error();
    }
    boot_ = std::move(read).value();
    boot_->bytes = without_blank_end(bytes);
    if (boot_->bytes.size() > kBootBytes) {
      return refused("bootloader-too-large",
                     "the boot loader has " + host::bytes(boot_->bytes.size()) +
                         ", in front of the partition table there is room for " +
                         host::bytes(kBootBytes),
                     "", file);
    }
    return std::nullopt;
  }

  std::optional<Problem> read_table(const std::string& file, Bytes bytes) {
    auto read = read_own_table(bytes);
    if (!read || read.value().partitions.empty()) {
      const std::string flaw = read ? "" : std::string(": ") + name(read.error().flaw);
      return refused("no-table", "no partition table of an ESP32" + flaw,
                     "the build's partition-table.bin is one, 'nodeflash table create --from' "
                     "makes one",
                     file);
    }
    if (bytes.size() > partition::kIdfMaxBytes &&
        !is_blank(bytes.subspan(partition::kIdfMaxBytes))) {
      return with_secure_boot("the partition table", file);
    }
    file_table_ = std::move(read).value();
    table_file_ = file;
    return std::nullopt;
  }

  std::optional<Problem> read_app(const std::string& file, Bytes bytes) {
    auto read = read_image(file, bytes, "the app");
    if (!read) {
      return read.error();
    }
    app_ = std::move(read).value();
    return std::nullopt;
  }

  std::optional<Problem> find_size() {
    uint32_t told = device_.flash_bytes;
    if (boot_) {
      told = boot_->header.flash_bytes();
    } else if (told == 0 && app_) {
      told = app_->header.flash_bytes();
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
    if (!boot_) {
      if (!flash.mode.empty() || !flash.frequency.empty()) {
        return refused("no-bootloader",
                       "mode and frequency of the flash stand in the boot loader, which is not in "
                       "the plan",
                       "give the boot loader, too");
      }
      return std::nullopt;
    }
    std::vector<uint8_t> bytes = in_whole_sectors(boot_->bytes);
    image::HeaderChange change{.size =
                                   image::flash_size(boot_->header.format, layout_.flash_bytes)};
    if (!flash.mode.empty()) {
      change.mode = image::flash_mode(flash.mode);
    }
    if (!flash.frequency.empty()) {
      change.speed = image::flash_speed(boot_->header, flash.frequency);
    }
    image::change_firmware_header(std::span(bytes).first(boot_->header.bytes), boot_->header,
                                  change);
    layout_.gate = add(kBootName, boot_->file, kBootAddress, bytes, kBootName,
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
    if (manifest_.partitions.policy == TablePolicy::kFirmware && file_table_) {
      table_ = *file_table_;
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
      problem.diagnostic.file = is_devices_ ? "" : table_file_;
      return problem;
    }
    layout_.idf_table = table_.partitions;
    layout_.parts.push_back({.named = {kBootName, kBootAddress, kBootBytes}});
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
    layout_.table_index = add(kTableName, is_devices_ ? kTableName : table_file_,
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
    if (!app_) {
      if (auto problem = read_app(manifest_.firmware, merged_at(*place))) {
        return problem;
      }
      app_->bytes = without_blank_end(app_->bytes);
    }
    if (app_->bytes.size() > place->bytes) {
      return refused("app-too-large",
                     "the app has " + host::bytes(app_->bytes.size()) + ", its partition " +
                         host::bytes(place->bytes),
                     "", manifest_.firmware);
    }
    const size_t index = add("app", manifest_.firmware, place->address, app_->bytes,
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
    const Bytes flash = merged_;
    const size_t begin = std::min<size_t>(place.address, flash.size());
    return flash.subspan(begin, std::min<size_t>(place.bytes, flash.size() - begin));
  }

  // What else a merged file has in it. What is blank there stays as it is on the device.
  std::optional<Problem> place_rest() {
    std::vector<uint8_t> left = merged_;
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
      const auto image = read_image(manifest_.firmware, bytes, "the app of " + label);
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
  std::vector<uint8_t> merged_;  // flash, as far as a merged file has it
  std::optional<Image> boot_;
  std::optional<Image> app_;
  std::optional<OwnIdfTable> file_table_;
  std::string table_file_;
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
