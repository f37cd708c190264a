// nodeflash table show: which part of the flash is whose.
#include <memory>

#include "answers.h"
#include "flash_file.h"
#include "host/json.h"
#include "host/numbers.h"
#include "host/quantities.h"
#include "verbs.h"

namespace flashstore::nodeflash {
namespace {

using host::Json;

std::string headline(const FlashFile& file, bool is_sound) {
  std::string text = file.table.kind == TableKind::kNodemcu ? "NodeMCU table" : "ESP-IDF table";
  text += " at " + host::hex(file.table_at);
  if (file.table.nodemcu.firmware_end) {
    text += is_sound ? ", as the first boot completes it" : ", before the first boot";
  }
  if (file.table.kind == TableKind::kIdf && !file.table.idf.has_digest) {
    text += ", without MD5";
  }
  if (file.flash_bytes != 0) {
    text += "; flash of " + host::bytes(file.flash_bytes);
  }
  return text + "\n";
}

int run_table_show(const FlashFileOptions& options, Job& job) {
  const auto opened = open_flash_file(options, job);
  if (!opened) {
    return job.fail(opened.error());
  }
  const FlashFile& file = opened.value();
  AnyTable table = file.table;
  const auto flaw = finish(table, file.flash_bytes, file.table_address());
  const AnyTable& shown = flaw ? file.table : table;
  const auto& firmware_end = file.table.nodemcu.firmware_end;
  job.field("table_at") = file.table_at;
  job.field("sound") = !flaw;
  job.field("factory") =
      firmware_end ? Json{{"firmware_end", *firmware_end}, {"partitions", to_json(file.table)}}
                   : Json(nullptr);
  set_table_fields(shown, file.flash_bytes, job);
  job.result(headline(file, !flaw) + as_text(shown, file.flash_bytes, !flaw));
  if (flaw) {
    Diagnostic diagnostic = *flaw;
    diagnostic.file = options.path;
    diagnostic.offset = file.table_at;
    return job.fail({host::kNo, diagnostic});
  }
  return host::kOk;
}

}  // namespace

void add_table_show(Verbs& verbs) {
  auto options = std::make_shared<FlashFileOptions>();
  verbs.add_family("table", "the partition table of a firmware, a dump or a file of its own");
  tools::CommandLine line =
      verbs.add("table show", "which part of the flash is whose",
                "  nodeflash table show firmware.bin\n"
                "  nodeflash table show --flash-size 1M firmware.bin\n"
                "  nodeflash table show --json chip.bin",
                [options](Job& job) { return run_table_show(*options, job); });
  add_flash_file(line, *options);
}

}  // namespace flashstore::nodeflash
