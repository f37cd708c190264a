// Any bytes as a page of records and as a table of ESP-IDF: reading ends and stays inside; what a
// reader takes, a writer gives back; and a page can be written whatever it held.

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include "norsim/flash.h"
#include "partition/idf_table.h"
#include "partition/nodemcu_page.h"

namespace {

using namespace flashstore;
using namespace flashstore::partition;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

void check_page(std::span<const uint8_t> bytes) {
  norsim::Flash flash{norsim::Contents(kBackupAddress + kPageBytes)};
  flash.program(kPageAddress, bytes.first(std::min<size_t>(bytes.size(), kPageBytes)));
  PageScan scan(flash, kPageAddress);
  uint32_t end = 0;
  while (const auto record = scan.next()) {
    require(record->offset == end && record->end() <= kRecordBytes);
    end = record->end();
  }
  PageStore store(flash);
  require(store.recover().ok());
  std::array<char, 16> name;
  if (const auto reload = store.reload(name)) {
    require(reload->file.size() <= name.size());
  }
  Table table;
  if (store.read_table(table).ok()) {
    require(table.count <= kMaxEntries);
    for (const uint32_t flash_bytes : {0x80000u, 0x100000u, 0x400000u, 0x1000000u}) {
      validate(table, flash_bytes);
      Table booted = table;
      if (allocate(booted, flash_bytes).ok() && table.firmware_end) {
        const TableFlaw flaw = validate(booted, flash_bytes).flaw;
        require(flaw == TableFlaw::kNone || flaw == TableFlaw::kOutsideWindow ||
                flaw == TableFlaw::kOverFirmware ||
                (flaw == TableFlaw::kFactory && booted.find(kEndMarker) != nullptr));
      }
    }
    if (store.replace_table(table).ok()) {
      Table again;
      require(store.read_table(again).ok() && again == table);
    }
  }
  if (store.begin_reload("luac.out").ok()) {
    const auto reload = store.reload(name);
    require(reload && reload->file == "luac.out" && !reload->continued);
    require(store.end_reload().ok());
  }
}

void check_idf(std::span<const uint8_t> bytes) {
  std::array<IdfPartition, kIdfMaxBytes / kIdfEntryBytes> room;
  const auto read = read_idf_table(bytes, room);
  if (!read) {
    require(read.error().offset <= bytes.size());
    return;
  }
  const IdfTable& table = read.value();
  std::vector<uint8_t> written(table.bytes);
  require(write_idf_table(table.partitions, table.has_digest, written).ok());
  require(std::equal(written.begin(), written.end(), bytes.begin()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  check_page({data, size});
  check_idf({data, size});
  return 0;
}
