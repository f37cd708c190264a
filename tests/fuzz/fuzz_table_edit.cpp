// Any page of records and any table of ESP-IDF, changed in any way: what is then judged sound is so
// by the plainest count of bytes, and is read back from where it was written.

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <vector>

#include "image/firmware.h"
#include "partition/edit.h"
#include "partition/idf_table.h"

namespace {

using namespace flashstore;
using namespace flashstore::partition;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

// Takes numbers from the front of the input: the shorter it gets, the more zeros.
class Numbers {
 public:
  explicit Numbers(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  uint32_t byte() {
    const uint32_t found = bytes_.empty() ? 0 : bytes_.front();
    bytes_ = bytes_.subspan(bytes_.empty() ? 0 : 1);
    return found;
  }
  // As a rule a multiple of a sector, below 16 MiB.
  uint32_t place() {
    const uint32_t kind = byte();
    const uint32_t value = byte() << 16 | byte() << 8 | byte();
    return kind == 0xFF ? kAllTheRest : kind < 0xF0 ? value & 0xFFF000 : value;
  }

 private:
  std::span<const uint8_t> bytes_;
};

// Each sector has one owner at most, and all of them lie in the flash.
template <class Partitions>
void require_sound(const Partitions& partitions, uint32_t flash_bytes) {
  std::map<uint32_t, uint32_t> ends;  // by address
  for (const auto& partition : partitions) {
    require(partition.bytes != 0 && (partition.address | partition.bytes) % 4096 == 0);
    require(partition.address < flash_bytes && partition.bytes <= flash_bytes - partition.address);
    require(ends.emplace(partition.address, partition.address + partition.bytes).second);
  }
  uint32_t last = 0;
  for (const auto& [address, end] : ends) {
    require(address >= last);
    last = end;
  }
}

void check_nodemcu(Numbers numbers, std::span<const uint8_t> bytes) {
  constexpr std::array<uint32_t, 5> kFlash = {0x80000, 0x100000, 0x200000, 0x400000, 0x1000000};
  constexpr std::array<uint32_t, 4> kTypes = {kLfs, kFreezer, kLilotafs, kSystemParameter};
  std::vector<uint8_t> page(bytes.begin(), bytes.end());
  page.resize(kPageBytes, 0xFF);
  Table table;
  if (!image::read_page(page, table).ok()) {
    return;
  }
  const uint32_t flash_bytes = kFlash[numbers.byte() % kFlash.size()];
  for (uint32_t changes = numbers.byte() % 4; changes > 0; --changes) {
    Change wanted{kTypes[numbers.byte() % kTypes.size()]};
    const uint32_t which = numbers.byte();
    if (which % 4 != 0) {
      wanted.address = numbers.place();
    }
    if (which % 3 != 0) {
      wanted.bytes = numbers.place();
    }
    if (!change(table, wanted, flash_bytes)) {
      return;
    }
    require(table.count <= kMaxEntries);
  }
  if (!allocate(table, flash_bytes).ok() || !validate(table, flash_bytes).ok()) {
    return;
  }
  require(!table.firmware_end);
  require_sound(table.partitions(), flash_bytes);
  for (const Partition& partition : table.partitions()) {
    require(partition.type != kLfs || partition.address + partition.bytes <= kWindowBytes);
  }
  if (table.count == 0) {
    return;
  }
  const std::vector<uint8_t> before = page;
  Table again;
  if (!image::write_page(page, table).ok()) {
    require(page == before);
    return;
  }
  require(image::read_page(page, again).ok() && again == table);
}

void check_idf(Numbers numbers, std::span<const uint8_t> bytes) {
  std::array<IdfPartition, kIdfMaxBytes / kIdfEntryBytes> room;
  const auto read = read_idf_table(bytes, room);
  if (!read) {
    return;
  }
  std::vector<IdfPartition> table(read.value().partitions.begin(), read.value().partitions.end());
  for (uint32_t changes = numbers.byte() % 4; changes > 0; --changes) {
    if (table.empty() || numbers.byte() % 4 == 0) {
      table.emplace_back().set_name("new");
    }
    IdfPartition& partition = table[numbers.byte() % table.size()];
    partition.address = numbers.place();
    partition.bytes = numbers.place();
  }
  const uint32_t flash_bytes = 0x400000;
  if (validate(table, flash_bytes).ok()) {
    require_sound(table, flash_bytes);
  }
  std::vector<uint8_t> written(kIdfMaxBytes);
  const bool with_digest = numbers.byte() % 2 != 0;
  if (!write_idf_table(table, with_digest, written)) {
    require(table.size() + 1 >= room.size());
    return;
  }
  const auto again = read_idf_table(written, room);
  require(again.ok() && again.value().has_digest == with_digest);
  require(std::ranges::equal(again.value().partitions, table));
}

}  // namespace

// The first 32 bytes are the changes, the others what is changed.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const uint8_t> bytes(data, size);
  const auto changes = bytes.first(std::min<size_t>(size, 32));
  for (const auto table : {bytes, bytes.subspan(changes.size())}) {
    check_nodemcu(Numbers(changes), table);
    check_idf(Numbers(changes), table);
  }
  return 0;
}
