// nodeflash lfs-base: where a firmware will find LFS.
#include <memory>

#include "flash_file.h"
#include "host/json.h"
#include "host/numbers.h"
#include "verbs.h"

namespace flashstore::nodeflash {
namespace {

core::Result<partition::Partition, Diagnostic> find_lfs(FlashFile& file) {
  if (file.table.kind == TableKind::kIdf) {
    return Diagnostic{.id = "not-esp8266",
                      .message = "an ESP32 maps LFS wherever it finds room: there is no base",
                      .hint = "its images are made without an address"};
  }
  if (auto flaw = finish(file.table, file.flash_bytes, file.table_address())) {
    return *flaw;
  }
  const partition::Partition* lfs = file.table.nodemcu.find(partition::kLfs);
  if (lfs == nullptr) {
    return Diagnostic{.id = "no-partition",
                      .message = "the table has no partition for LFS",
                      .hint = "'nodeflash table set --lfs-size 256K' makes one"};
  }
  return *lfs;
}

int run_lfs_base(const FlashFileOptions& options, Job& job) {
  auto file = open_flash_file(options, job);
  if (!file) {
    return job.fail(file.error());
  }
  const auto lfs = find_lfs(file.value());
  if (!lfs) {
    Diagnostic diagnostic = lfs.error();
    diagnostic.file = options.path;
    return job.fail({host::kNo, diagnostic});
  }
  const uint32_t base = image::mapped(lfs.value().address);
  job.field("lfs_base") = base;
  job.field("lfs_address") = lfs.value().address;
  job.field("lfs_size") = lfs.value().bytes;
  job.field("flash_size") = file.value().flash_bytes;
  job.result(host::hex(base) + "\n");
  return host::kOk;
}

}  // namespace

void add_lfs_base(Verbs& verbs) {
  auto options = std::make_shared<FlashFileOptions>();
  tools::CommandLine line =
      verbs.add("lfs-base", "the address of LFS under a firmware, for luac.cross -a",
                "  luac.cross -a $(nodeflash lfs-base firmware.bin) -o lfs.img *.lua\n"
                "  nodeflash lfs-base --flash-size 1M firmware.bin",
                [options](Job& job) { return run_lfs_base(*options, job); });
  add_flash_file(line, *options, "FIRMWARE");
}

}  // namespace flashstore::nodeflash
