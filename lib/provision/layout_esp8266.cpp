// An ESP8266: firmware at 0 and from 0x10000 on, the page of records between.
#include <algorithm>
#include <span>

#include "core/nor_flash.h"
#include "host/numbers.h"
#include "host/quantities.h"
#include "image/firmware.h"
#include "partition/edit.h"
#include "provision/chip_kind.h"
#include "provision/layout.h"
#include "provision/table_words.h"

namespace flashstore::provision {
namespace {

using partition::kPageAddress;
using partition::kPageBytes;
using partition::Partition;
using partition::Table;
using partition::TableVerdict;

constexpr uint32_t kSectorBytes = core::NorFlash::kSectorBytes;

Problem wrong_table(const Table& table, const TableVerdict& verdict, uint32_t flash_bytes) {
  std::vector<NamedPart> parts;
  for (const Partition& partition : table.partitions()) {
    parts.push_back(part_of(partition));
  }
  return {host::kNo, explain(verdict, parts, flash_bytes)};
}

class Planner {
 public:
  Planner(const Manifest& manifest, const Inputs& inputs, const DeviceState& device)
      : manifest_(manifest), inputs_(inputs), device_(device) {}

  core::Result<Layout, Problem> run() {
    for (const auto step : {&Planner::read_firmware, &Planner::find_size, &Planner::change_header,
                            &Planner::read_device, &Planner::find_table, &Planner::make_page}) {
      if (auto problem = (this->*step)()) {
        return *problem;
      }
    }
    name_places();
    add_contents();
    return std::move(layout_);
  }

 private:
  Problem no(std::string id, std::string message, std::string hint = "") const {
    return refused(std::move(id), std::move(message), std::move(hint), manifest_.firmware);
  }

  std::optional<Problem> read_firmware() {
    numbers_ = manifest_.numbers;
    if (manifest_.firmware.empty()) {
      return std::nullopt;
    }
    const std::string& file = inputs_.files.at(manifest_.firmware);
    auto read = image::read_firmware(as_span(file));
    if (!read) {
      return bad_firmware(read.error(), manifest_.firmware);
    }
    firmware_ = std::move(read).value();
    if (auto problem = check_chip(manifest_, firmware_->header, manifest_.firmware)) {
      return problem;
    }
    if (firmware_->header.format != image::FirmwareFormat::kEsp8266) {
      return no("firmware-format",
                "the firmware is started by a boot loader of its own, which "
                "has no place for LFS");
    }
    if (file.size() <= kPageAddress + kPageBytes) {
      return no(
          "half-firmware",
          "the file ends before the firmware's text, which begins at " + host::hex(kPageAddress),
          "join both parts into one file: 0x00000.bin, filled up with FF to 64K, and "
          "0x10000.bin");
    }
    return take_numbers();
  }

  std::optional<Problem> take_numbers() {
    if (!firmware_->numbers) {
      layout_.notes.push_back(
          {.id = "unknown-firmware",
           .severity = host::Severity::kNote,
           .message = "this firmware does not tell what numbers it has" +
                      std::string(manifest_.numbers ? "" : ": float ones are taken for granted"),
           .file = manifest_.firmware});
      return std::nullopt;
    }
    has_backup_ = true;
    const auto numbers =
        *firmware_->numbers == image::Numbers::kFloat ? luac::Flavour::kFloat : luac::Flavour::kInt;
    if (manifest_.numbers && *manifest_.numbers != numbers) {
      return no("flavour", "the firmware has " + std::string(luac::name(numbers)) +
                               " numbers, the manifest says " +
                               std::string(luac::name(*manifest_.numbers)));
    }
    numbers_ = numbers;
    return std::nullopt;
  }

  std::optional<Problem> find_size() {
    const auto bytes = find_flash_size(
        manifest_, firmware_ ? firmware_->header.flash_bytes() : device_.flash_bytes, device_);
    if (!bytes) {
      return bytes.error();
    }
    layout_.flash_bytes = bytes.value();
    return std::nullopt;
  }

  std::optional<Problem> change_header() {
    if (!firmware_) {
      return std::nullopt;
    }
    const std::string& file = inputs_.files.at(manifest_.firmware);
    if (file.size() > layout_.flash_bytes) {
      return no("past-end", "the firmware has " + host::bytes(file.size()) + ", the flash " +
                                host::bytes(layout_.flash_bytes));
    }
    bytes_ = in_whole_sectors(as_span(file));
    const Manifest::Flash& flash = manifest_.flash;
    image::HeaderChange change{
        .size = image::flash_size(firmware_->header.format, layout_.flash_bytes)};
    if (!flash.mode.empty()) {
      change.mode = image::flash_mode(flash.mode);
    }
    if (!flash.frequency.empty()) {
      change.speed = image::flash_speed(firmware_->header, flash.frequency);
    }
    image::change_firmware_header(std::span(bytes_).first(firmware_->header.bytes),
                                  firmware_->header, change);
    boot_end_ = kPageAddress;
    while (boot_end_ > 0 &&
           is_blank(std::span(bytes_).subspan(boot_end_ - kSectorBytes, kSectorBytes))) {
      boot_end_ -= kSectorBytes;
    }
    return std::nullopt;
  }

  // What the device has tells where an image of old may lie; it has to be sound only if it stays.
  std::optional<Problem> read_device() {
    Table table;
    if (device_.page.size() == kPageBytes && image::read_page(device_.page, table).ok()) {
      if (table.firmware_end && !allocate(table, layout_.flash_bytes).ok()) {
        return std::nullopt;
      }
      device_table_ = table;
    }
    return std::nullopt;
  }

  std::optional<Problem> find_table() {
    const bool of_firmware = manifest_.partitions.policy == TablePolicy::kFirmware && firmware_;
    if (manifest_.partitions.policy == TablePolicy::kDefault) {
      table_ = partition::default_table(layout_.flash_bytes);
    } else if (of_firmware) {
      if (!firmware_->table) {
        return no("no-table",
                  std::string("the firmware has no partition table: ") +
                      name(firmware_->page_problem.flaw),
                  "'nodeflash table create' makes one");
      }
      table_ = *firmware_->table;
    } else if (!device_.page.empty()) {
      const auto problem = image::read_page(device_.page, table_);
      if (!problem.ok()) {
        return refused("no-table",
                       std::string("the device has no partition table: ") + name(problem.flaw));
      }
    } else {
      return refused("no-table", "nothing tells where in the flash things are",
                     "a firmware brings a partition table, --device FILE gives the device's, and "
                     "the policy \"default\" is for chips that had none");
    }
    return finish_table();
  }

  std::optional<Problem> finish_table() {
    if (auto problem = move(partition::kLfs, manifest_.partitions.lfs)) {
      return problem;
    }
    if (auto problem = move(partition::kLilotafs, manifest_.partitions.lilotafs)) {
      return problem;
    }
    Table before = table_;
    auto verdict = allocate(table_, layout_.flash_bytes);
    if (!verdict.ok()) {
      return wrong_table(before, verdict, layout_.flash_bytes);
    }
    verdict = validate(table_, layout_.flash_bytes);
    if (!verdict.ok()) {
      return wrong_table(table_, verdict, layout_.flash_bytes);
    }
    layout_.table = table_;
    return std::nullopt;
  }

  std::optional<Problem> move(uint32_t type, const Place& place) {
    if (!place.moves()) {
      return std::nullopt;
    }
    if (table_.find(type) == nullptr && !place.bytes) {
      return refused("no-partition",
                     std::string("the table has no partition '") + partition::type_name(type) +
                         "' that could be moved",
                     "with a size it gets one");
    }
    if (!partition::change(table_, {type, place.address, place.bytes}, layout_.flash_bytes)) {
      return refused("table-full", "the table has no room for a partition more");
    }
    return std::nullopt;
  }

  std::optional<Problem> make_page() {
    std::vector<uint8_t> old(kPageBytes, 0xFF);
    const bool of_device = manifest_.partitions.policy == TablePolicy::kDevice || !firmware_;
    if (of_device && !device_.page.empty()) {
      old = device_.page;
    } else if (firmware_ && manifest_.partitions.policy == TablePolicy::kFirmware) {
      const auto page = std::span(bytes_).subspan(kPageAddress, kPageBytes);
      old.assign(page.begin(), page.end());
    }
    page_ = old;
    Table found;
    const bool stays = image::read_page(old, found).ok() && found == layout_.table;
    if (!stays) {
      if (const auto problem = image::write_page(page_, layout_.table); !problem.ok()) {
        return refused("table-full",
                       std::string("the page of records takes no table: ") + name(problem.flaw));
      }
    }
    if (firmware_) {
      std::copy(page_.begin(), page_.end(), bytes_.begin() + kPageAddress);
    } else if (stays) {
      page_.clear();
    } else if (manifest_.partitions.policy == TablePolicy::kDefault) {
      has_backup_ = true;
    }
    return std::nullopt;
  }

  void name_places() {
    for (const Partition& partition : layout_.table.partitions()) {
      const bool has_format =
          partition.type == partition::kEagleRom || partition.type == partition::kIrom0Text ||
          partition.type == partition::kLfs || partition.type == partition::kLilotafs;
      layout_.parts.push_back({.named = part_of(partition), .takes_raw = !has_format});
    }
    if (const Partition* lfs = layout_.table.find(partition::kLfs)) {
      layout_.lfs = {numbers_, lfs->address, lfs->bytes, image::mapped(lfs->address)};
    }
    if (const Partition* files = layout_.table.find(partition::kLilotafs)) {
      layout_.files = *files;
    }
    if (device_table_ && device_table_->find(partition::kLfs) != nullptr) {
      layout_.old_lfs = device_table_->find(partition::kLfs)->address;
    }
  }

  void add_contents() {
    const auto add = [&](std::string name, std::string file, uint32_t address,
                         std::span<const uint8_t> bytes, uint32_t home, std::string reason) {
      layout_.firmware.push_back({std::move(name), std::move(file), address,
                                  in_whole_sectors(bytes), partition::type_name(home),
                                  std::move(reason)});
      return layout_.firmware.size() - 1;
    };
    const auto all = std::span(bytes_);
    if (firmware_) {
      layout_.replaces_app = true;
      layout_.gate = add("firmware", manifest_.firmware, 0, all.first(boot_end_),
                         partition::kEagleRom, "firmware behind its first sector");
    }
    if (!page_.empty()) {
      layout_.table_index = add("partition page", "partition table", kPageAddress, page_,
                                partition::kIrom0Text, "partition table, with the first boot done");
    }
    if (firmware_) {
      constexpr uint32_t kText = kPageAddress + kPageBytes;
      add("firmware's text", manifest_.firmware, kText, all.subspan(kText), partition::kIrom0Text,
          "firmware's text");
    } else if (!page_.empty() && has_backup_) {
      layout_.erasures.push_back(
          {partition::kBackupAddress, kPageBytes, "no older page is put back in its place"});
    }
  }

  const Manifest& manifest_;
  const Inputs& inputs_;
  const DeviceState& device_;
  std::optional<image::Firmware> firmware_;
  std::vector<uint8_t> bytes_;  // of the firmware, whole sectors, the header changed to the flash
  uint32_t boot_end_ = 0;       // of its part in front of the page, whole sectors
  std::vector<uint8_t> page_;   // of records, to be written; empty: stays as it is
  bool has_backup_ = false;     // behind the page is a place for its backup, no code
  std::optional<luac::Flavour> numbers_;
  Table table_;
  std::optional<Table> device_table_;  // the one the device has
  Layout layout_;
};

}  // namespace

core::Result<Layout, Problem> lay_out_esp8266(const Manifest& manifest, const Inputs& inputs,
                                              const DeviceState& device) {
  return Planner(manifest, inputs, device).run();
}

}  // namespace flashstore::provision
