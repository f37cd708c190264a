#include "image/firmware.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "norsim/flash.h"

namespace flashstore::image {
namespace {

using partition::kPageAddress;
using partition::kPageBytes;

// A chip of two sectors, a page and its backup, as they are after a boot.
class Page {
 public:
  explicit Page(std::span<const uint8_t> page) : chip_(norsim::Contents(2 * kPageBytes)) {
    chip_.program(0, page.first(std::min<size_t>(page.size(), 2 * kPageBytes)));
    store_.recover();
  }

  partition::PageStore& store() { return store_; }
  void read(std::span<uint8_t> page) { chip_.read(0, page); }

 private:
  norsim::Flash chip_;
  partition::PageStore store_{chip_, 0, kPageBytes};
};

// Where an image is: chips boot from the beginning of their flash or from its second sector.
std::optional<uint32_t> find_image(std::span<const uint8_t> file) {
  constexpr uint32_t kBootloaderAddress = 0x1000;
  for (const uint32_t offset : {0u, kBootloaderAddress}) {
    if (offset < file.size() &&
        (file[offset] == partition::kImageMagic || file[offset] == partition::kImageV2Magic)) {
      return offset;
    }
  }
  return std::nullopt;
}

std::optional<Numbers> numbers_of(std::span<const uint8_t> file) {
  using namespace std::string_view_literals;
  if (file.size() < partition::kMarkOffset + partition::kMarkBytes) {
    return std::nullopt;
  }
  const auto mark = file.subspan(partition::kMarkOffset, partition::kMarkBytes);
  const std::string_view text(reinterpret_cast<const char*>(mark.data()),
                              static_cast<size_t>(std::ranges::find(mark, 0) - mark.begin()));
  if (text == partition::kFloatMark) {
    return Numbers::kFloat;
  }
  return text == partition::kIntMark ? std::optional(Numbers::kInt) : std::nullopt;
}

}  // namespace

core::Result<Firmware, FirmwareProblem> read_firmware(std::span<const uint8_t> file) {
  const auto offset = find_image(file);
  if (!offset) {
    return FirmwareProblem{FirmwareFlaw::kNoImage, 0};
  }
  auto header = read_firmware_header(file.subspan(*offset));
  if (!header) {
    return FirmwareProblem{header.error().flaw, *offset + header.error().offset};
  }
  Firmware firmware;
  firmware.offset = *offset;
  firmware.header = std::move(header).value();
  if (firmware.header.format == FirmwareFormat::kEsp8266 && file.size() > kPageAddress) {
    firmware.numbers = numbers_of(file);
    partition::Table table;
    firmware.page_problem =
        read_page(page_of(file, kPageAddress, firmware.numbers.has_value()), table);
    if (firmware.page_problem.ok()) {
      firmware.table = table;
    }
  }
  return firmware;
}

partition::PageProblem read_page(std::span<const uint8_t> page, partition::Table& table) {
  return Page(page).store().read_table(table);
}

partition::PageProblem write_page(std::span<uint8_t> page, const partition::Table& table) {
  Page chip(page);
  const auto problem = chip.store().replace_table(table);
  if (problem.ok()) {
    chip.read(page);
  }
  return problem;
}

}  // namespace flashstore::image
