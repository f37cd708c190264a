// nodeflash table set: another partition table into a file.
#include <memory>

#include "answers.h"
#include "changes.h"
#include "flash_file.h"
#include "host/quantities.h"
#include "verbs.h"

namespace flashstore::nodeflash {
namespace {

struct SetOptions {
  FlashFileOptions file;
  TableChanges changes;
  std::string output;  // empty: the file itself
};

// A final table says where the flash ends, and so does the header: the SDK looks at both.
void compare_with_header(const FlashFile& file, const std::string& path, Job& job) {
  const uint32_t told = file.firmware ? file.firmware->header.flash_bytes() : 0;
  if (told == 0 || told == file.flash_bytes) {
    return;
  }
  job.report(Diagnostic{
      .id = "header-flash-size",
      .severity = host::Severity::kWarning,
      .message = "the table is for flash of " + host::bytes(file.flash_bytes) +
                 ", the firmware's header tells of " + host::bytes(told),
      .hint = "flash it with the size of the table: esptool's --flash-size sets the header",
      .file = path});
}

int run_table_set(const SetOptions& options, Job& job) {
  const std::string& output = options.output.empty() ? options.file.path : options.output;
  if (!options.changes.any()) {
    return job.usage_error("nothing is to be changed", "'nodeflash table set --help' tells more");
  }
  if (output == "-" && job.json()) {
    return job.usage_error("stdout cannot be the file and the JSON document",
                           "-o gives the output a name");
  }
  if (options.changes.from == "-" && options.file.path == "-") {
    return job.usage_error("standard input cannot be the file and the table", "give one a name");
  }
  std::optional<AnyTable> replacement;
  if (!options.changes.from.empty()) {
    auto table = read_table(options.changes);
    if (!table) {
      return job.fail(table.error());
    }
    replacement = std::move(table).value();
  }
  auto opened = open_flash_file(options.file, job, replacement);
  if (!opened) {
    return job.fail(opened.error());
  }
  FlashFile& file = opened.value();
  auto flaw = change_table(options.changes, file.flash_bytes, file.table);
  if (!flaw) {
    flaw = finish(file.table, file.flash_bytes, file.table_address());
  }
  if (flaw) {
    flaw->file = options.file.path;
    flaw->hint += std::string(flaw->hint.empty() ? "" : "; ") + "the file stays as it was";
    return job.fail({host::kNo, *flaw});
  }
  if (const auto problem = put_table(file.table, options.file, file)) {
    return job.fail(*problem);
  }
  compare_with_header(file, options.file.path, job);
  return write_with_table(file.table, file.flash_bytes, output, std::move(file.bytes), job);
}

}  // namespace

void add_table_set(Verbs& verbs) {
  auto options = std::make_shared<SetOptions>();
  tools::CommandLine line =
      verbs.add("table set", "give partitions another size or place",
                "  nodeflash table set --lfs-size 128K --fs-size max firmware.bin\n"
                "  nodeflash table set --lfs-addr 0xa0000 -o new.bin chip.bin\n"
                "  nodeflash table set --from table.json partitions.bin",
                [options](Job& job) { return run_table_set(*options, job); });
  add_changes(line, options->changes);
  line.option("-o,--output", "FILE", options->output, "write there; default: the file itself");
  add_flash_file(line, options->file);
}

}  // namespace flashstore::nodeflash
