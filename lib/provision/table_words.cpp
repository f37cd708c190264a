#include "provision/table_words.h"

#include "core/nor_flash.h"
#include "host/numbers.h"
#include "host/quantities.h"

namespace flashstore::provision {
namespace {

using partition::TableFlaw;
using partition::TableVerdict;

struct Words {
  std::string message;
  std::string hint = {};
};

std::string where(uint32_t address) {
  return host::hex(address);
}

// The next multiple of sectors that is not below; 0 is none.
uint32_t in_sectors(uint32_t bytes) {
  constexpr uint32_t kLast = core::NorFlash::kSectorBytes - 1;
  return bytes > UINT32_MAX - kLast ? 0 : (bytes + kLast) & ~kLast;
}

Words unaligned(const NamedPart& part) {
  const uint32_t address = in_sectors(part.address);
  const uint32_t bytes = in_sectors(part.bytes);
  const bool is_sectors = address == part.address && bytes == part.bytes;
  return {.message = describe(part) +
                     (is_sectors ? " begins at no 64 KiB" : " is no whole sectors of 4 KiB"),
          .hint = is_sectors
                      ? "an app is mapped: it begins at a multiple of 0x10000"
                      : "at " + where(address) + " with " + host::bytes(bytes) + " it would be"};
}

Words overlapping(const NamedPart& one, const NamedPart& other) {
  const NamedPart& low = one.address < other.address ? one : other;
  const NamedPart& high = one.address < other.address ? other : one;
  const uint64_t end = uint64_t{low.address} + low.bytes;
  const std::string shorter =
      ", or " + low.name + " have " + host::bytes(high.address - low.address);
  return {.message = describe(low) + ", and " + describe(high) + ", overlap",
          .hint = high.name + " could begin at " + host::hex(end) +
                  (high.address > low.address ? shorter : "")};
}

}  // namespace

NamedPart part_of(const partition::Partition& partition) {
  const std::string known = partition::type_name(partition.type);
  return {known.empty() ? "type-" + std::to_string(partition.type) : known, partition.address,
          partition.bytes};
}

std::string describe(const NamedPart& part) {
  return part.name + " at " + where(part.address) + ", " + host::bytes(part.bytes);
}

host::Diagnostic explain(const TableVerdict& verdict, std::span<const NamedPart> parts,
                         uint32_t flash_bytes) {
  const NamedPart part = verdict.entry < parts.size() ? parts[verdict.entry] : NamedPart{};
  const NamedPart other = verdict.other < parts.size() ? parts[verdict.other] : NamedPart{};
  Words found;
  switch (verdict.flaw) {
    case TableFlaw::kNone:
      break;
    case TableFlaw::kFlashSize:
      found = {.message = "flash of " + host::bytes(flash_bytes) + " is too small for a firmware",
               .hint = "at least 1 MiB is needed; --flash-size tells what the chip has"};
      break;
    case TableFlaw::kFactory:
      found = {.message = part.name + " at " + where(part.address) +
                          " is no partition: it ends a factory table"};
      break;
    case TableFlaw::kEmpty:
      found = {.message = part.name + " at " + where(part.address) + " has no bytes"};
      break;
    case TableFlaw::kUnaligned:
      found = unaligned(part);
      break;
    case TableFlaw::kPastEnd:
      found = {.message = describe(part) + ", reaches past the end of " +
                          (flash_bytes == 0 ? "any flash" : "flash, " + host::hex(flash_bytes)),
               .hint = flash_bytes > part.address
                           ? "at most " + host::bytes(flash_bytes - part.address) + " fit there"
                           : "--flash-size tells what the chip has"};
      break;
    case TableFlaw::kOverlap:
      found = overlapping(part, other);
      break;
    case TableFlaw::kOrder:
      found = {.message = describe(part) + ", lies in front of " + describe(other) +
                          ", but behind it in the table"};
      break;
    case TableFlaw::kOverFirmware:
      found = {.message = describe(part) + ", lies over the firmware or the table itself"};
      break;
    case TableFlaw::kOutsideWindow:
      found = {.message = describe(part) + ", is outside the " +
                          host::bytes(partition::kWindowBytes) + " of flash the chip maps",
               .hint = "it has to end at " + where(partition::kWindowBytes) + " or below"};
      break;
    case TableFlaw::kSameName:
      found = {.message = describe(part) + ", has the label of " + describe(other)};
      break;
  }
  return {.id = partition::name(verdict.flaw), .message = found.message, .hint = found.hint};
}

}  // namespace flashstore::provision
