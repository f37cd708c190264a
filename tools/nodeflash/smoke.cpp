// nodeflash smoke: whether a board runs what it was given.
#include "smoke.h"

#include <cstdlib>
#include <memory>

#include "host/child.h"
#include "host/json.h"
#include "host/quantities.h"
#include "planning.h"
#include "verbs.h"

namespace flashstore::nodeflash {
namespace {

using host::Json;
using provision::DeviceFacts;
using provision::SmokeCheck;
using provision::SmokeReport;
using provision::SmokeWanted;

struct SmokeOptions {
  PlanningOptions planning;
  SmokeLine line;
  std::optional<uint32_t> seconds;
};

Json to_json(const DeviceFacts::Part& part) {
  return {{"address", part.address}, {"size", part.bytes}};
}

Json to_json(const DeviceFacts& facts) {
  Json json{{"lua", facts.lua},
            {"numbers", facts.has_floats ? "float" : "int"},
            {"modules", nullptr},
            {"build_time", nullptr},
            {"partitions", nullptr}};
  if (facts.image) {
    json["modules"] = facts.image->modules;
    if (facts.image->build_time) {
      json["build_time"] = *facts.image->build_time;
    }
  }
  if (facts.partitions) {
    json["partitions"] = {{"lfs", to_json(facts.partitions->lfs)},
                          {"files", to_json(facts.partitions->files)}};
  }
  return json;
}

// What to look for. An image that is compiled anew has the time of now, unless that is told.
core::Result<SmokeWanted, Problem> wanted_of(const SmokeOptions& options, Job& job) {
  const PlanningOptions& planning = options.planning;
  SmokeWanted wanted;
  if (!planning.document.empty() || to_json(planning.manifest) != to_json(provision::Manifest{})) {
    const auto planned = make_plan(planning, {}, job);
    if (!planned) {
      return planned.error();
    }
    const bool is_time_known =
        planned.value().is_from_file || std::getenv("SOURCE_DATE_EPOCH") != nullptr;
    wanted = provision::smoke_wanted(planned.value().plan, is_time_known);
  }
  wanted.seconds = options.seconds.value_or(wanted.seconds);
  return wanted;
}

int run_smoke(const SmokeOptions& options, Job& job) {
  const auto wanted = wanted_of(options, job);
  if (!wanted) {
    return job.fail(wanted.error());
  }
  const host::Interruptible interruptible;
  return run_smoke(options.line, wanted.value(), job);
}

}  // namespace

Json to_json(const SmokeReport& report) {
  Json json{{"reset", name(report.reset)},
            {"banner", report.banner},
            {"device", nullptr},
            {"checks", Json::array()}};
  if (report.facts) {
    json["device"] = to_json(*report.facts);
  }
  for (const SmokeCheck& check : report.checks) {
    json["checks"].push_back({{"name", check.name},
                              {"ok", !check.problem.has_value()},
                              {"wanted", check.wanted},
                              {"seen", check.seen},
                              {"reason", check.problem ? Json(check.problem->id) : Json(nullptr)}});
  }
  return json;
}

int run_smoke(const SmokeLine& line, const SmokeWanted& wanted, Job& job) {
  job.field("port") = line.port;
  auto port = provision::SerialPort::open(line.port, line.baud);
  if (!port) {
    return job.fail(port.error());
  }
  const auto report =
      provision::smoke(port.value(), wanted, std::chrono::seconds(line.seconds_of_line));
  if (!report) {
    return job.fail(report.error());
  }
  job.field("smoke") = to_json(report.value());
  int status = host::kOk;
  for (const SmokeCheck& check : report.value().checks) {
    if (check.problem) {
      status = job.fail({host::kNo, *check.problem});
    }
  }
  if (status == host::kOk) {
    job.summary(line.port + ": " + host::count(report.value().checks.size(), "check") + " passed");
  }
  return status;
}

void add_smoke(Verbs& verbs) {
  auto options = std::make_shared<SmokeOptions>();
  tools::CommandLine line =
      verbs.add("smoke", "whether a board starts, and runs what a plan or a manifest gave it",
                "  nodeflash smoke --port /dev/ttyUSB0 plan.json\n"
                "  nodeflash smoke --port /dev/ttyUSB0",
                [options](Job& job) { return run_smoke(*options, job); });
  line.option("--port", "PORT", options->line.port, "where the board is").required();
  line.option("--baud", "BAUD", options->line.baud, "of the console; default: 115200");
  line.option("--seconds", "N", options->seconds,
              "from the reset to the prompt; default: the manifest's, or 10")
      .range(1, 3600);
  line.option("--line-seconds", "N", options->line.seconds_of_line,
              "for the answer to one line; default: 3")
      .range(1, 600);
  add_planning(line, options->planning);
}

}  // namespace flashstore::nodeflash
