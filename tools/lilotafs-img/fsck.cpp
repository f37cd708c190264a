// lilotafs-img fsck: what power cuts and worse have left, and its repair.
#include <algorithm>
#include <memory>
#include <stdexcept>

#include "checks.h"
#include "diagnosis.h"
#include "folder_writer.h"
#include "host/json.h"
#include "host/numbers.h"
#include "host/quantities.h"
#include "image/salvage.h"
#include "norsim/flash.h"
#include "outside_log.h"
#include "partition.h"
#include "plan.h"
#include "rebuild.h"
#include "verbs.h"

namespace flashstore::lilotafs_img {
namespace {

using host::Json;
using host::Severity;

// Exit statuses as of fsck(8), bits.
constexpr int kFixed = 1;
constexpr int kLeft = 4;
constexpr int kOperational = 8;
constexpr int kUsage = 16;
constexpr host::ProblemStatuses kStatuses{
    .no = kOperational, .usage = kUsage, .environment = kOperational};

struct FsckOptions {
  PartitionOptions partition;
  bool dry = false;
  bool preen = false;
  bool yes = false;
  std::string output;   // empty: the image itself
  std::string salvage;  // a folder; empty: none
  std::string plan;     // files; empty: none
  std::string apply;

  bool repairs() const { return preen || yes || !apply.empty(); }
};

// What fsck makes of a partition.
struct Verdict {
  std::vector<Finding> findings;
  Operations operations;       // that repair it
  std::vector<uint8_t> after;  // as they leave it
  bool left = false;           // something is not repaired by them
  bool is_rebuilt = false;     // they are not a mount's
  KnownLog log = {};           // in `after`
};

// Mounts `partition` on a chip of its own. Throws std::logic_error if that does anything but what
// was foretold.
void mount_as_foretold(const std::vector<uint8_t>& partition, const Verdict& verdict) {
  norsim::Contents contents(static_cast<uint32_t>(partition.size()));
  contents.program(0, partition);
  norsim::Flash flash(std::move(contents));
  const auto done = mount_operations(flash);
  if (done != verdict.operations || flash.contents().bytes() != verdict.after) {
    throw std::logic_error("the mount does not do what was foretold");
  }
}

class Fsck {
 public:
  Fsck(const FsckOptions& options, Job& job) : options_(options), job_(job) {}

  int run() {
    auto file = job_.read(options_.partition.image, kMaxFileBytes);
    if (!file) {
      return job_.fail(file.error());
    }
    file_ = std::move(file).value();
    auto part = choose_part(options_.partition, file_);
    if (part) {
      partition_ = part.value();
    }
    if (!options_.salvage.empty()) {
      if (const int status = salvage(); status != host::kOk) {
        return status;
      }
    }
    if (!part) {
      return options_.salvage.empty() ? job_.fail(part.error()) : kLeft;
    }
    return options_.apply.empty() ? check() : apply();
  }

 private:
  std::span<const uint8_t> file_bytes() const {
    return {reinterpret_cast<const uint8_t*>(file_.data()), file_.size()};
  }

  Diagnostic at(uint64_t offset, Diagnostic diagnostic) const {
    diagnostic.file = options_.partition.image;
    diagnostic.offset = options_.partition.offset.value_or(0) + offset;
    return diagnostic;
  }

  int check() {
    Diagnosis diagnosis = diagnose(norsim::Contents::over(partition_));
    const bool mounts = diagnosis.error == lilotafs::Error::kOk;
    if (!mounts && image::find_records(partition_, 0).empty()) {
      const auto partition = mount_partition(options_.partition.image, partition_);
      return job_.fail(partition.error());
    }
    Verdict verdict = mounts ? repaired(std::move(diagnosis)) : unmountable(diagnosis.error);
    const bool broken =
        std::any_of(verdict.findings.begin(), verdict.findings.end(), [](const Finding& finding) {
          return finding.id == "log-broken" || finding.id == "no-file-system" ||
                 finding.id == "files-outside-log";
        });
    if (options_.yes && broken) {
      rebuild(verdict);
    }
    report(verdict);
    if (!options_.plan.empty()) {
      const std::string text = host::to_text(to_plan(partition_, verdict.operations));
      if (const int status = job_.write(options_.plan, {text.begin(), text.end()})) {
        return status;
      }
    }
    if (!options_.repairs()) {
      return verdict.findings.empty() ? host::kOk : kLeft;
    }
    if (verdict.operations.empty()) {
      return verdict.left ? kLeft : host::kOk;
    }
    if (!verdict.is_rebuilt) {
      mount_as_foretold(partition_, verdict);
    } else if (replay(partition_, verdict.operations) != verdict.after) {
      throw std::logic_error("the operations do not lead to the image");
    }
    const int status = write(verdict.after);
    return status != host::kOk ? status : kFixed | (verdict.left ? kLeft : 0);
  }

  // What a mount leaves, and what is wrong with the files in it.
  Verdict repaired(Diagnosis diagnosis) {
    Verdict verdict{.findings = std::move(diagnosis.findings),
                    .operations = std::move(diagnosis.operations),
                    .after = diagnosis.after.bytes(),
                    .log = {.head = diagnosis.report.head, .live = {}}};
    const auto partition = mount_partition(options_.partition.image, verdict.after);
    if (partition) {
      for (const auto& [path, file] : partition.value().files()) {
        verdict.log.live[path] = file.record.address;
      }
      guard_files(partition.value(), verdict);
      for (const auto& [path, file] : partition.value().files()) {
        if (check_of(partition.value(), file) == "wrong") {
          verdict.findings.push_back({.id = "check-wrong",
                                      .message = "name, length or content are not as written",
                                      .repair = "",
                                      .offset = file.record.address,
                                      .path = path});
        }
      }
    }
    verdict.left =
        std::any_of(verdict.findings.begin(), verdict.findings.end(), [](const Finding& finding) {
          return finding.repair.empty() && finding.id != "head-ambiguous";
        });
    return verdict;
  }

  Verdict unmountable(lilotafs::Error error) {
    return {.findings = {{.id = "no-file-system",
                          .message = std::string("no mount finds the file system in it, but there "
                                                 "are records of files: ") +
                                     describe(error),
                          .repair = "",
                          .offset = 0}},
            .operations = {},
            .after = partition_,
            .left = true};
  }

  // A mount goes by what power cuts leave. If a head is lost in another way it may take the
  // partition for something it is not, and erase files it does not see.
  void guard_files(const Partition& mounted, Verdict& verdict) const {
    const auto outside = files_outside_log(partition_, verdict.operations, mounted);
    if (!outside) {
      return;
    }
    const std::string what = host::count(outside->count, "file") +
                             " or directories that the log does not lead to, one of them " +
                             outside->first;
    const std::string way_out = "--salvage DIR saves them, -y makes the partition anew with them";
    verdict.findings.insert(
        verdict.findings.begin(),
        {.id = "files-outside-log",
         .message = outside->is_erased
                        ? "a mount would erase " + what + "; nothing is done; " + way_out
                        : "there are " + what + "; to write on can erase them; " + way_out,
         .repair = "",
         .offset = outside->offset});
    if (outside->is_erased) {
      verdict.operations.clear();
      verdict.after = partition_;
      verdict.log = {};
      for (Finding& finding : verdict.findings) {
        finding.repair.clear();
      }
    }
  }

  void rebuild(Verdict& verdict) {
    auto rebuilt = lilotafs_img::rebuild(verdict.after, verdict.log);
    if (!rebuilt) {
      verdict.findings.push_back({.id = "not-made-anew", .message = rebuilt.error(), .repair = ""});
      return;
    }
    verdict.after = std::move(rebuilt.value().partition);
    verdict.is_rebuilt = true;
    verdict.operations = rewrite(partition_, verdict.after);
    verdict.left = false;
    for (Finding& finding : verdict.findings) {
      if (finding.repair.empty()) {
        finding.repair = "the partition is made anew of the " +
                         host::count(rebuilt.value().files, "file") +
                         " and directories found in it";
      }
    }
  }

  void report(const Verdict& verdict) {
    Json& findings = job_.field("findings") = Json::array();
    for (const Finding& finding : verdict.findings) {
      findings.push_back({{"id", finding.id},
                          {"offset", finding.offset ? Json(*finding.offset) : Json(nullptr)},
                          {"path", finding.path.empty() ? Json(nullptr) : Json(finding.path)},
                          {"message", finding.message},
                          {"repair", finding.repair.empty() ? Json(nullptr) : Json(finding.repair)},
                          {"cuts", finding.cuts}});
      const std::string about = finding.path.empty() ? "" : finding.path + ": ";
      const bool done = options_.repairs() && !finding.repair.empty();
      std::string hint = finding.repair;
      for (size_t i = 0; i < finding.cuts.size(); ++i) {
        hint += i > 0          ? "; or in "
                : hint.empty() ? "left by a power cut in "
                               : "; left by a power cut in ";
        hint += finding.cuts[i];
      }
      job_.report(
          at(finding.offset.value_or(0), {.id = finding.id,
                                          .severity = done ? Severity::kWarning : Severity::kError,
                                          .message = finding.id + ": " + about + finding.message,
                                          .hint = hint}));
    }
    job_.field("operations") = to_json(verdict.operations);
    std::string text;
    if (job_.verbose() > 0) {
      for (const auto& operation : verdict.operations) {
        text += to_string(operation) + "\n";
      }
    }
    if (verdict.findings.empty()) {
      text += options_.partition.image + ": clean\n";
    } else {
      const auto count = [&](norsim::Operation::Kind kind) {
        return static_cast<uint64_t>(
            std::count_if(verdict.operations.begin(), verdict.operations.end(),
                          [&](const auto& operation) { return operation.kind == kind; }));
      };
      text += options_.partition.image + ": " + host::count(verdict.findings.size(), "finding") +
              "; repair " + (options_.repairs() ? "takes " : "would take ") +
              host::count(count(norsim::Operation::Kind::kProgram), "program") + " and " +
              host::count(count(norsim::Operation::Kind::kErase), "erase") + "\n";
    }
    job_.result(text);
  }

  int apply() {
    const auto plan = host::read_input(options_.apply, kMaxFileBytes);
    if (!plan) {
      return job_.fail(plan.error());
    }
    auto after = apply_plan(options_.apply, plan.value(), partition_);
    if (!after) {
      return job_.fail(after.error());
    }
    const int status = write(after.value());
    return status != host::kOk ? status : kFixed;
  }

  int write(const std::vector<uint8_t>& partition) {
    std::vector<uint8_t> bytes(file_.begin(), file_.end());
    std::copy(partition.begin(), partition.end(),
              bytes.begin() + options_.partition.offset.value_or(0));
    return job_.write(options_.output.empty() ? options_.partition.image : options_.output,
                      std::move(bytes));
  }

  int salvage() {
    const auto all = file_bytes();
    const uint64_t offset = std::min<uint64_t>(options_.partition.offset.value_or(0), all.size());
    const auto dump = all.subspan(
        offset,
        std::min<uint64_t>(options_.partition.size.value_or(UINT32_MAX), all.size() - offset));
    const auto known = options_.partition.offset ? std::optional<uint64_t>(0) : std::nullopt;
    Verdict verdict;
    if (!partition_.empty()) {
      Diagnosis diagnosis = diagnose(norsim::Contents::over(partition_));
      if (diagnosis.error == lilotafs::Error::kOk) {
        verdict = repaired(std::move(diagnosis));
      }
    }
    const auto records = records_that_count(dump, known, verdict.log);
    FolderWriter folder(options_.salvage);
    if (const auto problem = folder.open()) {
      return job_.fail({host::kEnvironment, *problem});
    }
    Json& json = job_.field("salvaged") = Json::array();
    int status = host::kOk;
    uint64_t written = 0;
    for (const image::SalvagedRecord& record : records) {
      json.push_back({{"path", record.path},
                      {"bytes", record.bytes.size()},
                      {"offset", offset + record.offset},
                      {"trust", name(record.trust)},
                      {"old", record.is_old}});
      if (const auto problem = folder.write(record.path, record.bytes)) {
        if (problem->id == "hostile-name") {
          job_.report(*problem);
        } else {
          status = job_.fail({host::kEnvironment, *problem});
        }
        continue;
      }
      ++written;
      if (record.trust == image::SalvagedRecord::Trust::kDamaged) {
        job_.report({.id = "salvaged-damaged",
                     .severity = Severity::kWarning,
                     .message = record.path + ": salvaged, but not as it was written",
                     .file = options_.partition.image,
                     .offset = offset + record.offset});
      }
    }
    job_.summary(options_.salvage + ": " + host::count(written, "file") +
                 " and directories salvaged");
    return status;
  }

  const FsckOptions& options_;
  Job& job_;
  std::string file_;
  std::vector<uint8_t> partition_;
};

int run_fsck(const FsckOptions& options, Job& job) {
  if (options.partition.image == "-" && options.repairs() && options.output.empty()) {
    return job.usage_error("standard input cannot be repaired in its place",
                           "-o IMG writes the repaired image elsewhere");
  }
  if (job.json() && (options.output == "-" || options.plan == "-")) {
    return job.usage_error("stdout is for the JSON document", "give the output a name");
  }
  return Fsck(options, job).run();
}

}  // namespace

void add_fsck(Verbs& verbs) {
  auto options = std::make_shared<FsckOptions>();
  tools::CommandLine line = verbs.add(
      "fsck", "check and repair what power cuts left",
      "  lilotafs-img fsck flash.img\n"
      "  lilotafs-img fsck -p flash.img\n"
      "  lilotafs-img fsck --salvage files chip.bin\n\n"
      "Exit status, added up: 0 clean, 1 repaired, 4 something is left,\n"
      "8 no verdict (not a partition, unreadable), 16 usage.",
      [options](Job& job) { return run_fsck(*options, job); }, kStatuses);
  tools::Option dry = line.flag("-n", options->dry, "only say what a mount would do (default)");
  tools::Option preen = line.flag("-p", options->preen, "do what a mount does");
  tools::Option yes =
      line.flag("-y", options->yes, "and make a broken partition anew of the files found in it");
  line.option("-o,--output", "IMG", options->output, "write the repaired image there");
  line.option("--salvage", "DIR", options->salvage,
              "write all files that can be found into a folder");
  line.option("--plan", "FILE", options->plan, "write the flash operations of the repair, as JSON");
  const tools::Option apply =
      line.option("--apply", "FILE", options->apply, "do exactly what a plan says");
  dry.excludes(preen).excludes(yes).excludes(apply);
  preen.excludes(yes).excludes(apply);
  yes.excludes(apply);
  add_partition(line, options->partition);
}

}  // namespace flashstore::lilotafs_img
