// nodeflash table set: another partition table into a file.
#include <memory>

#include "answers.h"
#include "changes.h"
#include "flash_file.h"
#include "host/json.h"
#include "host/quantities.h"
#include "verbs.h"

namespace flashstore::nodeflash {
namespace {

struct SetOptions {
  FlashFileOptions file;
  TableChanges changes;
  std::string output;  // empty: the file itself
};

std::optional<Problem> take_from_document(const TableChanges& changes, FlashFile& file) {
  if (changes.from.empty()) {
    return std::nullopt;
  }
  auto table = read_table(changes);
  if (!table) {
    return table.error();
  }
  if (table.value().kind != file.table.kind) {
    return Problem{host::kNo,
                   Diagnostic{.id = "other-kind",
                              .message = "a table of " + name(table.value().kind) +
                                         " for a file with one of " + name(file.table.kind),
                              .file = changes.from}};
  }
  file.table = std::move(table).value();
  return std::nullopt;
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
  auto opened = open_flash_file(options.file, job);
  if (!opened) {
    return job.fail(opened.error());
  }
  FlashFile& file = opened.value();
  if (const auto problem = take_from_document(options.changes, file)) {
    return job.fail(*problem);
  }
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
  job.field("output") = output;
  set_table_fields(file.table, file.flash_bytes, job);
  if (output != "-") {
    job.result(as_text(file.table, file.flash_bytes, true));
  }
  return job.write(output, std::move(file.bytes));
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
