// nodeflash table show: which part of the flash is whose.
#include <memory>

#include "flash_file.h"
#include "host/json.h"
#include "host/numbers.h"
#include "host/quantities.h"
#include "host/table.h"
#include "verbs.h"

namespace flashstore::nodeflash {
namespace {

using host::Json;

int run_table_show(const FlashFileOptions& options, Job& job) {
  const auto file = open_flash_file(options, job);
  if (!file) {
    return job.fail(file.error());
  }
  job.field("kind") = name(file.value().kind);
  std::vector<std::vector<std::string>> rows{{"partition", "address", "size"}};
  if (file.value().kind == TableKind::kNodemcu) {
    for (const auto& partition : file.value().nodemcu.partitions()) {
      rows.push_back({std::to_string(partition.type), host::hex(partition.address),
                      host::bytes(partition.bytes)});
    }
  } else {
    for (const auto& partition : file.value().idf.partitions) {
      rows.push_back({std::string(partition.name()), host::hex(partition.address),
                      host::bytes(partition.bytes)});
    }
  }
  job.result(host::table("lrr", rows));
  return host::kOk;
}

}  // namespace

void add_table_show(Verbs& verbs) {
  auto options = std::make_shared<FlashFileOptions>();
  verbs.add_family("table", "the partition table of a firmware, a dump or a file of its own");
  tools::CommandLine line =
      verbs.add("table show", "which part of the flash is whose",
                "  nodeflash table show firmware.bin\n"
                "  nodeflash table show --json chip.bin",
                [options](Job& job) { return run_table_show(*options, job); });
  add_flash_file(line, *options);
}

}  // namespace flashstore::nodeflash
