// One record of the log, read with allowance for programs that were cut short: a value between two
// steps of a magic counts as the step before it. FORMAT.md, "Record", "Magic", "Recovery".
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "lilotafs/format.h"
#include "lilotafs/window.h"

namespace flashstore::lilotafs {

// To a multiple of a power of two. Addresses in a chip take 32 bits, those in a dump of many 64.
template <class Address>
constexpr Address round_up(Address value, uint32_t alignment) {
  return (value + alignment - 1) & ~(Address{alignment} - 1);
}

constexpr uint32_t sector_of(uint32_t address) {
  return address & ~(kSectorBytes - 1);
}

// A bool in memory. A chip that can only load words loads it in one instruction.
using Flag = uint32_t;

struct Record {
  enum class Kind : uint32_t {
    kRecord,      // the chain goes on behind it
    kWrap,        // a wrap marker: it goes on at 0
    kTail,        // erased: the end of the chain, as are all below
    kOpen,        // being written
    kTornHeader,  // the first bits of a header
    kTornWrap,    // of a wrap marker
    kBroken,      // something else, or a record that contradicts itself
    kUnreadable,  // the flash failed
  };

  // None of it is known. Out of line: it is made in many places.
  Record();

  Kind kind;
  uint32_t magic;  // the low byte
  uint32_t status;
  uint32_t check;
  uint32_t name_bytes;
  Flag name_ends;
  uint32_t address;
  uint32_t data;    // of a record whose name ends
  uint32_t length;  // as it stands in the header
  uint32_t next;    // of kRecord and kWrap

  bool in_chain() const { return kind == Kind::kRecord || kind == Kind::kWrap; }
  // The magic of a head, of a next head, or on the way there.
  bool marked() const {
    return in_chain() && magic != (kMagicRecord & 0xFF) && magic != (kMagicWrap & 0xFF);
  }
  bool is_head() const { return in_chain() && magic == (kMagicHead & 0xFF); }
  // On the way to being dead, or to being a wear marker that does not matter.
  bool dying() const {
    return kind == Kind::kRecord && status > kStatusDying && status != kStatusCommitted &&
           (name_bytes > 0 ? status != kStatusMigrating : status != kStatusWear);
  }
  bool named() const { return kind == Kind::kRecord && name_bytes > 0; }
  bool committed() const { return named() && status == kStatusCommitted; }
  bool migrating() const { return named() && status == kStatusMigrating; }
};

// `address` is a multiple of kAlignment inside the partition.
Record read_record(Window& window, uint32_t address);

// The name of a record, from the window. Good until the window's next use.
std::string_view read_name(Window& window, const Record& record);

inline std::span<const uint8_t> as_bytes(std::string_view name) {
  return {reinterpret_cast<const uint8_t*>(name.data()), name.size()};
}

bool is_executable(std::string_view name);

// Of the data of a record with that name.
inline uint32_t data_alignment(std::string_view name) {
  return is_executable(name) ? kExecutableAlignment : kAlignment;
}

// Where the data of a record at `address` with that name begin.
uint32_t data_address(uint32_t address, std::string_view name);

// The most a record can take of the log, wherever it lies.
uint32_t worst_size(std::string_view name, uint32_t length);

}  // namespace flashstore::lilotafs
