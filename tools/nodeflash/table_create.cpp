// nodeflash table create: a file of nothing but a partition table.
#include <memory>

#include "answers.h"
#include "changes.h"
#include "flash_file.h"
#include "verbs.h"

namespace flashstore::nodeflash {
namespace {

struct CreateOptions {
  TableChanges changes;
  std::optional<uint32_t> flash_bytes;
  std::string path;
};

core::Result<AnyTable, Problem> begin(const CreateOptions& options) {
  if (!options.changes.from.empty()) {
    return read_table(options.changes);
  }
  if (!options.flash_bytes) {
    return Problem{host::kUsage,
                   Diagnostic{.id = "usage",
                              .message = "a table for how much flash?",
                              .hint = "--flash-size 4M tells; --from takes a whole table"}};
  }
  if (*options.flash_bytes < partition::kMinFlashBytes) {
    return Problem{host::kNo,
                   explain({partition::TableFlaw::kFlashSize}, {}, *options.flash_bytes)};
  }
  AnyTable table;
  table.nodemcu = partition::default_table(*options.flash_bytes);
  return table;
}

int run_table_create(const CreateOptions& options, Job& job) {
  if (options.path == "-" && job.json()) {
    return job.usage_error("stdout cannot be the table and the JSON document",
                           "give the output a name");
  }
  auto begun = begin(options);
  if (!begun) {
    return job.fail(begun.error());
  }
  AnyTable& table = begun.value();
  uint32_t flash_bytes = options.flash_bytes.value_or(flash_bytes_of(table));
  auto flaw = change_table(options.changes, flash_bytes, table);
  if (!flaw) {
    flaw = finish(table, flash_bytes, partition::kIdfAddress);
  }
  if (flaw) {
    flaw->file = options.changes.from;
    return job.fail({host::kNo, *flaw});
  }
  auto made = table_alone(table);
  if (!made) {
    return job.fail(made.error());
  }
  return write_with_table(table, flash_bytes, options.path, std::move(made).value(), job);
}

}  // namespace

void add_table_create(Verbs& verbs) {
  auto options = std::make_shared<CreateOptions>();
  tools::CommandLine line =
      verbs.add("table create", "make a partition table, a file of its own",
                "  nodeflash table create --flash-size 4M page.bin\n"
                "  nodeflash table create --from table.json partitions.bin",
                [options](Job& job) { return run_table_create(*options, job); });
  add_changes(line, options->changes);
  tools::add_size(line, "--flash-size", options->flash_bytes, "of the chip");
  line.argument("FILE", options->path, "the file to write; '-' is standard output").required();
}

}  // namespace flashstore::nodeflash
