// A firmware as a file: what it is for, and where the things beside it go (partition/FORMAT.md).
//
// The file is what is flashed at 0, or a dump of a whole chip. Of an ESP8266 its partition table
// tells where LFS will be, before any chip has run it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

#include "core/result.h"
#include "image/firmware_header.h"
#include "partition/nodemcu_page.h"
#include "partition/table.h"

namespace flashstore::image {

enum class Numbers : uint8_t { kFloat, kInt };

struct Firmware {
  uint32_t offset = 0;  // of the image in the file; not 0 only in dumps of an ESP32
  FirmwareHeader header;
  // Of an ESP8266: the table in force. Empty: there is none, or `page_problem` tells why.
  std::optional<partition::Table> table;
  partition::PageProblem page_problem;
  std::optional<Numbers> numbers;  // of its Lua; what is no firmware of ours does not tell
};

// Throws std::bad_alloc.
core::Result<Firmware, FirmwareProblem> read_firmware(std::span<const uint8_t> file);

// The table in force in a page of records: of up to kPageBytes, what is missing is blank; or with
// its backup behind it, where a firmware of ours has been interrupted.
partition::PageProblem read_page(std::span<const uint8_t> page, partition::Table& table);

// Gives a page another table, as a device does it: other records stay, deleted ones too as long as
// there is room. `page` has kPageBytes, or twice as many with its backup, which only our firmware
// has. With a problem it stays as it is.
partition::PageProblem write_page(std::span<uint8_t> page, const partition::Table& table);

// What of `file` read_page() and write_page() take, whose page of records begins at `at`.
template <class Byte>
std::span<Byte> page_of(std::span<Byte> file, uint32_t at, bool has_backup) {
  const size_t bytes = has_backup ? 2 * partition::kPageBytes : partition::kPageBytes;
  return file.subspan(at, std::min(bytes, file.size() - at));
}

// Where the chip maps a byte of its flash that lies in the window.
constexpr uint32_t mapped(uint32_t address) {
  return partition::kFirmwareBase - partition::kPageAddress + address;
}

}  // namespace flashstore::image
