#include "provision/layout.h"

#include <algorithm>
#include <span>

#include "core/nor_flash.h"
#include "host/numbers.h"
#include "host/quantities.h"
#include "image/firmware.h"
#include "partition/edit.h"
#include "provision/table_words.h"

namespace flashstore::provision {
namespace {

using partition::kPageAddress;
using partition::kPageBytes;
using partition::Partition;
using partition::Table;
using partition::TableVerdict;

constexpr uint32_t kSectorBytes = core::NorFlash::kSectorBytes;

std::span<const uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

bool is_blank(std::span<const uint8_t> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0xFF; });
}

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
    for (const auto step :
         {&Planner::read_firmware, &Planner::find_flash_size, &Planner::change_header,
          &Planner::read_device, &Planner::find_table, &Planner::make_page}) {
      if (auto problem = (this->*step)()) {
        return *problem;
      }
    }
    return std::move(layout_);
  }

 private:
  Problem no(std::string id, std::string message, std::string hint = "") const {
    return refused(std::move(id), std::move(message), std::move(hint), manifest_.firmware);
  }

  std::optional<Problem> read_firmware() {
    layout_.numbers = manifest_.numbers;
    if (manifest_.firmware.empty()) {
      return std::nullopt;
    }
    const std::string& file = inputs_.files.at(manifest_.firmware);
    auto read = image::read_firmware(bytes_of(file));
    if (!read) {
      Problem problem =
          no("bad-firmware", std::string("no firmware a chip boots: ") + name(read.error().flaw));
      problem.diagnostic.offset = read.error().offset;
      return problem;
    }
    firmware_ = std::move(read).value();
    if (firmware_->header.chip_name() != manifest_.chip) {
      return no("other-chip", "the firmware is for " + firmware_->header.chip_name() +
                                  ", not for " + manifest_.chip);
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
    layout_.has_backup = true;
    const auto numbers =
        *firmware_->numbers == image::Numbers::kFloat ? luac::Flavour::kFloat : luac::Flavour::kInt;
    if (manifest_.numbers && *manifest_.numbers != numbers) {
      return no("flavour", "the firmware has " + std::string(luac::name(numbers)) +
                               " numbers, the manifest says " +
                               std::string(luac::name(*manifest_.numbers)));
    }
    layout_.numbers = numbers;
    return std::nullopt;
  }

  std::optional<Problem> find_flash_size() {
    const uint32_t told = firmware_ ? firmware_->header.flash_bytes() : device_.flash_bytes;
    layout_.flash_bytes = manifest_.flash.bytes.value_or(told);
    if (layout_.flash_bytes < partition::kMinFlashBytes) {
      return no("flash-size", "nothing tells how large the flash is, or it is less than 1 MiB",
                "give its size");
    }
    if (device_.flash_bytes != 0 && device_.flash_bytes != layout_.flash_bytes) {
      return no("other-flash", "the device has " + host::bytes(device_.flash_bytes) +
                                   " of flash, the plan is for " +
                                   host::bytes(layout_.flash_bytes));
    }
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
    layout_.firmware.assign(file.begin(), file.end());
    layout_.firmware.resize((file.size() + kSectorBytes - 1) / kSectorBytes * kSectorBytes, 0xFF);
    const Manifest::Flash& flash = manifest_.flash;
    image::HeaderChange change{
        .size = image::flash_size(firmware_->header.format, layout_.flash_bytes)};
    if (!flash.mode.empty()) {
      change.mode = image::flash_mode(flash.mode);
    }
    if (!flash.frequency.empty()) {
      change.speed = image::flash_speed(firmware_->header, flash.frequency);
    }
    image::change_firmware_header(std::span(layout_.firmware).first(firmware_->header.bytes),
                                  firmware_->header, change);
    layout_.boot_end = kPageAddress;
    while (
        layout_.boot_end > 0 &&
        is_blank(
            std::span(layout_.firmware).subspan(layout_.boot_end - kSectorBytes, kSectorBytes))) {
      layout_.boot_end -= kSectorBytes;
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
      layout_.device_table = table;
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
    if (!place.is_given()) {
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
      const auto page = std::span(layout_.firmware).subspan(kPageAddress, kPageBytes);
      old.assign(page.begin(), page.end());
    }
    layout_.page = old;
    Table found;
    const bool stays = image::read_page(old, found).ok() && found == layout_.table;
    if (!stays) {
      if (const auto problem = image::write_page(layout_.page, layout_.table); !problem.ok()) {
        return refused("table-full",
                       std::string("the page of records takes no table: ") + name(problem.flaw));
      }
    }
    if (firmware_) {
      std::copy(layout_.page.begin(), layout_.page.end(), layout_.firmware.begin() + kPageAddress);
    } else if (stays) {
      layout_.page.clear();
    } else if (manifest_.partitions.policy == TablePolicy::kDefault) {
      layout_.has_backup = true;
    }
    return std::nullopt;
  }

  const Manifest& manifest_;
  const Inputs& inputs_;
  const DeviceState& device_;
  std::optional<image::Firmware> firmware_;
  Table table_;
  Layout layout_;
};

}  // namespace

core::Result<Layout, Problem> lay_out(const Manifest& manifest, const Inputs& inputs,
                                      const DeviceState& device) {
  return Planner(manifest, inputs, device).run();
}

}  // namespace flashstore::provision
