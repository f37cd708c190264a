// lilotafs-img torture: power cuts all through a workload, and what becomes of the files.
#include <algorithm>
#include <charconv>
#include <memory>
#include <stdexcept>

#include "checks.h"
#include "host/json.h"
#include "host/quantities.h"
#include "host/table.h"
#include "torture/sweep.h"
#include "torture_explain.h"
#include "verbs.h"
#include "wear.h"

namespace flashstore::lilotafs_img {
namespace {

using host::Json;
using lilotafs::kSectorBytes;

constexpr uint32_t kMaxSectors = 4096;
constexpr uint32_t kMaxNumber = 999999;  // ids have no larger ones

struct TortureOptions {
  PartitionOptions partition;  // without an image: a blank one of that size
  uint32_t operations = 60;
  uint32_t seed = 1;
  std::string cuts = "1000";  // or "all"
  std::string explain;        // an id; empty: none
  bool wear = false;
  std::string svg;  // a file; empty: none

  bool has_image() const { return !partition.image.empty(); }
};

// 0: all of them. nullopt: not a number.
std::optional<uint64_t> number_of_cuts(const std::string& text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool valid = error == std::errc() && end == text.data() + text.size();
  return valid ? std::optional(number) : std::nullopt;
}

// Beside what the file system itself says: another walk through the log, and every check byte.
std::string judge(std::span<const uint8_t> image, const torture::Listing& found) {
  const auto partition = mount_partition("", {image.begin(), image.end()});
  if (!partition) {
    return "what recovery left: " + partition.error().diagnostic.message;
  }
  if (partition.value().files().size() != found.files.size()) {
    return "the log has other files than are listed";
  }
  for (const auto& [path, bytes] : found.files) {
    const LogRecord* file = partition.value().find(path);
    if (file == nullptr || !std::ranges::equal(partition.value().data(*file), bytes)) {
      return path + " is not in the log as it is read";
    }
    if (check_of(partition.value(), *file) == "wrong") {
      return path + " has a wrong check byte";
    }
  }
  return "";
}

class Torture {
 public:
  Torture(const TortureOptions& options, Job& job) : options_(options), job_(job) {}

  int run() {
    if (const int status = check_options(); status != host::kOk) {
      return status;
    }
    if (const int status = choose_workload(); status != host::kOk) {
      return status;
    }
    job_.field("workload") = workload_.name;
    job_.field("sectors") = workload_.sectors;
    job_.field("steps") = workload_.steps.size();
    return options_.explain.empty() ? try_cuts() : explain();
  }

 private:
  int check_options() const {
    if (options_.svg == "-" && job_.json()) {
      return job_.usage_error("stdout cannot be the picture and the JSON document",
                              "give the picture a name");
    }
    if (options_.cuts != "all" && !number_of_cuts(options_.cuts)) {
      return job_.usage_error("--cuts: '" + options_.cuts + "' is neither a number nor 'all'", "");
    }
    if (options_.operations > kMaxNumber || options_.seed > kMaxNumber) {
      return job_.usage_error("--ops and --seed are at most " + std::to_string(kMaxNumber), "");
    }
    if (!options_.has_image() && options_.explain.empty() && !options_.partition.size) {
      return job_.usage_error("IMG or --size: nothing to torture",
                              "--size 64K makes a blank partition");
    }
    if (!options_.has_image() && options_.partition.offset) {
      return job_.usage_error("--offset needs an image", "");
    }
    return host::kOk;
  }

  int choose_workload() {
    const std::string& id = options_.explain;
    const size_t at = id.find('@');
    if (!id.empty()) {
      const auto cuts =
          at == std::string::npos ? std::nullopt : norsim::parse_cuts(id.substr(at + 1));
      if (!cuts) {
        return job_.usage_error("--explain: '" + id + "' is not the id of a cut",
                                "ids are what this verb prints: WORKLOAD@CUTS");
      }
      cuts_ = *cuts;
    }
    if (options_.has_image()) {
      return start_from_image(id.substr(0, std::min(at, id.size())));
    }
    if (!id.empty()) {
      auto workload = torture::workload_by_name(id.substr(0, at));
      if (!workload) {
        return job_.usage_error("--explain: there is no workload '" + id.substr(0, at) + "'",
                                id.starts_with("image-") ? "it needs the image, too" : "");
      }
      workload_ = *std::move(workload);
      return host::kOk;
    }
    const uint32_t sectors = *options_.partition.size / kSectorBytes;
    if (*options_.partition.size % kSectorBytes != 0 || sectors < lilotafs::kMinSectors ||
        sectors > kMaxSectors) {
      return job_.usage_error("--size: a partition has 3 to 4096 whole sectors of 4 KiB", "");
    }
    const uint32_t files = std::clamp<uint32_t>(sectors + 2, 5, 20);
    workload_ = torture::seeded_workload(sectors, files, options_.operations, options_.seed);
    return host::kOk;
  }

  // `wanted` is the name of the workload in an id, or empty.
  int start_from_image(const std::string& wanted) {
    uint32_t operations = options_.operations;
    uint32_t seed = options_.seed;
    if (!wanted.empty() && !parse_image_name(wanted, operations, seed)) {
      return job_.usage_error("--explain: '" + options_.explain + "' is no cut of an image",
                              "without IMG it needs none");
    }
    const auto file = job_.read(options_.partition.image, kMaxFileBytes);
    if (!file) {
      return job_.fail(file.error());
    }
    auto bytes = choose_part(options_.partition, file.value());
    if (!bytes) {
      return job_.fail(bytes.error());
    }
    // For its words on what cannot be mounted.
    if (const auto partition = mount_partition(options_.partition.image, bytes.value());
        !partition) {
      return job_.fail(partition.error());
    }
    auto workload = torture::image_workload(
        std::make_shared<const torture::Bytes>(std::move(bytes).value()), operations, seed);
    if (!workload) {
      return job_.fail({host::kNo,
                        {.id = "not-listed",
                         .message = "the files of the partition cannot be listed",
                         .file = options_.partition.image}});
    }
    workload_ = *std::move(workload);
    return host::kOk;
  }

  // "image-OPS-SEED".
  static bool parse_image_name(const std::string& name, uint32_t& operations, uint32_t& seed) {
    constexpr std::string_view kPrefix = "image-";
    const char* const end = name.data() + name.size();
    if (!name.starts_with(kPrefix)) {
      return false;
    }
    const auto [dash, wrong] = std::from_chars(name.data() + kPrefix.size(), end, operations);
    if (wrong != std::errc() || dash == end || *dash != '-') {
      return false;
    }
    const auto [last, error] = std::from_chars(dash + 1, end, seed);
    return error == std::errc() && last == end && operations <= kMaxNumber && seed <= kMaxNumber;
  }

  int try_cuts() {
    torture::SweepOptions options;
    options.judge = judge;
    options.use_one_in = 8;
    if (options_.cuts != "all") {
      // A run that tries none tells how many there are.
      options.plan.levels.front().one_in = UINT32_MAX;
      const uint64_t wanted = *number_of_cuts(options_.cuts);
      const torture::SweepResult counted = torture::sweep(workload_, options);
      if (wanted == 0 || !counted.broken.empty()) {
        return report(counted);
      }
      options.plan.levels.front().one_in = static_cast<uint32_t>(
          std::clamp<uint64_t>(counted.tallies.front().found / wanted, 1, UINT32_MAX));
    }
    return report(torture::sweep(workload_, options));
  }

  int report(const torture::SweepResult& result) {
    const bool bad = !result.broken.empty() || result.failed != 0;
    const norsim::PowerCuts::Tally& tally = result.tallies.front();
    if (!result.broken.empty()) {
      job_.report({.id = "workload-failed", .message = "without any cut: " + result.broken});
    }
    const std::string again = "'lilotafs-img torture " +
                              (options_.has_image() ? options_.partition.image + " " : "") +
                              "--explain ID' shows such a cut";
    Json failures = Json::array();
    for (const auto& failure : result.failures) {
      job_.report({.id = "cut-failed",
                   .message = failure.id + ": " + failure.what,
                   .hint = &failure == &result.failures.front() ? again : ""});
      failures.push_back({{"id", failure.id}, {"what", failure.what}});
    }
    job_.field("cuts_found") = tally.found;
    job_.field("cuts_tried") = tally.tried;
    job_.field("failed") = result.failed;
    job_.field("failures") = std::move(failures);
    job_.field("most_in_a_recovery") = {{"read_calls", result.most.read_calls},
                                        {"read_bytes", result.most.read_bytes},
                                        {"programmed_bytes", result.most.program_bytes},
                                        {"erases", result.most.erases}};
    job_.field("programmed_bytes") = result.run.program_bytes;
    job_.field("erases") = result.run.erases;
    job_.field("sector_erases") = result.run.sector_erases;
    std::string text = host::table(
        "ll", {{"workload", workload_.name + ", " + host::count(workload_.steps.size(), "step")},
               {"partition", host::bytes(uint64_t{workload_.sectors} * kSectorBytes)},
               {"cuts", std::to_string(tally.tried) + " tried of " + std::to_string(tally.found)},
               {"failed", std::to_string(result.failed)},
               {"recovery", "at most " + host::count(result.most.read_calls, "read") + ", " +
                                host::bytes(result.most.program_bytes) + " programmed, " +
                                host::count(result.most.erases, "sector") + " erased"}});
    if (options_.wear) {
      text += "\n" + wear_text(result.run.sector_erases);
    }
    if (options_.svg == "-") {
      job_.summary(text);
    } else {
      job_.result(text);
    }
    if (!options_.svg.empty()) {
      const std::string svg = wear_svg(result.run.sector_erases);
      if (options_.svg == "-") {
        job_.result(svg);
      } else if (const int status = job_.write(options_.svg, {svg.begin(), svg.end()});
                 status != host::kOk) {
        return status;
      }
    }
    return bad ? host::kNo : host::kOk;
  }

  int explain() {
    std::vector<CutStory> stories;
    torture::SweepOptions options;
    options.plan.only = cuts_;
    options.judge = judge;
    options.witness = [&](const torture::CutMoment& moment) {
      stories.push_back(story_of(workload_, moment));
    };
    torture::SweepResult result;
    try {
      result = torture::sweep(workload_, options);
    } catch (const std::invalid_argument&) {
      stories.clear();  // the operation has no such byte or state
    }
    if (stories.size() != cuts_.size()) {
      return job_.usage_error("--explain: the workload has no cut '" + options_.explain + "'", "");
    }
    std::string text;
    Json told = Json::array();
    for (const CutStory& story : stories) {
      text += as_text(story) + "\n";
      told.push_back(to_json(story));
    }
    std::string what = result.broken;
    if (!result.failures.empty()) {
      what = result.failures.front().what;
    }
    job_.field("cuts") = std::move(told);
    job_.field("failure") = what.empty() ? Json(nullptr) : Json(what);
    job_.result(text + "verdict: " + (what.empty() ? "nothing is lost" : what) + "\n");
    return what.empty() ? host::kOk : host::kNo;
  }

  const TortureOptions& options_;
  Job& job_;
  torture::Workload workload_;
  norsim::CutPath cuts_;  // to explain
};

}  // namespace

void add_torture(Verbs& verbs) {
  auto options = std::make_shared<TortureOptions>();
  tools::CommandLine line =
      verbs.add("torture", "cut the power all through a workload, and see whether a file is lost",
                "  lilotafs-img torture --size 64K --ops 100 --cuts all\n"
                "  lilotafs-img torture flash.img --seed 7 --wear",
                [options](Job& job) { return Torture(*options, job).run(); });
  add_partition(line, options->partition).required(false);
  line.option("--ops", "N", options->operations, "steps of the workload");
  line.option("--seed", "N", options->seed, "of the workload: the same one, the same steps");
  line.option("--cuts", "N", options->cuts, "about so many of the cuts there are, or 'all'");
  const tools::Option explain =
      line.option("--explain", "ID", options->explain, "tell all of one cut");
  line.flag("--wear", options->wear, "erases of each sector by the workload").excludes(explain);
  line.option("--svg", "FILE", options->svg, "a picture of them").excludes(explain);
}

}  // namespace flashstore::lilotafs_img
