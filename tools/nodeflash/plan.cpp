// nodeflash plan: what is to be done to a flash, before anything is touched.
#include <filesystem>
#include <memory>

#include "host/json.h"
#include "host/quantities.h"
#include "picture.h"
#include "planning.h"
#include "provision/plan_file.h"
#include "verbs.h"

namespace flashstore::nodeflash {
namespace {

namespace fs = std::filesystem;

struct PlanOptions {
  PlanningOptions planning;
  std::string output;  // empty: none
};

// From the folder of the plan's file to that of the inputs.
std::string folder_from(const std::string& output, const std::string& folder) {
  const fs::path from = output == "-" ? fs::path() : fs::path(output).parent_path();
  std::error_code error;
  const fs::path way =
      fs::proximate(folder.empty() ? "." : folder, from.empty() ? "." : from, error);
  return error ? folder : way.string();
}

uint64_t bytes_written(const provision::Plan& plan) {
  uint64_t bytes = 0;
  for (const provision::Step& step : plan.steps) {
    bytes += step.kind == provision::StepKind::kWrite ? step.bytes : 0;
  }
  return bytes;
}

int run_plan(const PlanOptions& options, Job& job) {
  if (options.output == "-" && job.json()) {
    return job.usage_error("'--json' and '-o -' both want stdout", "name a file after -o");
  }
  if (job.overwrites(options.planning.document, options.output)) {
    return host::kUsage;
  }
  const auto planned = make_plan(options.planning, "", job);
  if (!planned) {
    return job.fail(planned.error());
  }
  const provision::Plan& plan = planned.value().plan;
  for (const Diagnostic& note : plan.notes) {
    job.report(note);
  }
  host::Json document =
      provision::to_json(plan, folder_from(options.output, planned.value().folder));
  const std::string text = host::to_text(document);
  if (job.json()) {
    document.erase("schema");
    for (auto& [name, value] : document.items()) {
      job.field(name) = value;
    }
  }
  if (options.output != "-") {
    job.result(step_table(plan) + "\n" + picture(plan, job.colours()));
  }
  if (!options.output.empty()) {
    if (const int status = job.write(options.output, {text.begin(), text.end()})) {
      return status;
    }
  }
  job.summary(host::count(plan.steps.size(), "step") + ", " + host::bytes(bytes_written(plan)) +
              " to be written to " + host::bytes(plan.flash_bytes) + " of flash");
  return host::kOk;
}

}  // namespace

void add_plan(Verbs& verbs) {
  auto options = std::make_shared<PlanOptions>();
  tools::CommandLine line =
      verbs.add("plan", "what goes where, in which order, before anything is touched",
                "  nodeflash plan -o plan.json board.json\n"
                "  nodeflash plan --firmware fw.bin --lua main.lua --lilotafs files/",
                [options](Job& job) { return run_plan(*options, job); });
  line.option("-o,--output", "PLAN", options->output, "keep the plan in a file, for apply");
  add_planning(line, options->planning);
}

}  // namespace flashstore::nodeflash
