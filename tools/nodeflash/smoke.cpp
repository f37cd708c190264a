// nodeflash smoke: whether boards run what they were given.
#include "smoke.h"

#include <chrono>
#include <cstdlib>

#include "fleet.h"
#include "host/json.h"
#include "host/quantities.h"
#include "provision/smoke.h"
#include "verbs.h"

namespace flashstore::nodeflash {
namespace {

using host::Json;
using provision::DeviceFacts;
using provision::SmokeCheck;
using provision::SmokeReport;
using provision::SmokeWanted;

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

// Whether a plan of `source` takes the table from the device.
bool has_table_of_device(const PlanSource& source) {
  using provision::TablePolicy;
  const provision::Manifest& manifest = source.manifest;
  return !source.plan && source.device.empty() &&
         manifest.partitions.policy != TablePolicy::kDefault &&
         (manifest.partitions.policy == TablePolicy::kDevice || manifest.firmware.empty());
}

core::Result<SmokeWanted, Problem> wanted_of(const PlanSource& source, bool has_build_time) {
  if (has_table_of_device(source)) {
    return smoke_wanted(source.manifest, source.inputs, source.build_time, has_build_time);
  }
  const auto plan = make_plan(source, {});
  if (!plan) {
    return plan.error();
  }
  return smoke_wanted(plan.value(), has_build_time || source.plan);
}

class SmokeBackend final : public Backend {
 public:
  explicit SmokeBackend(const FlashOptions& options) : options_(options) {}

  std::optional<Problem> prepare(Job&) override { return std::nullopt; }

  // An image that is compiled anew has the time of now, unless that is told.
  std::optional<Problem> flash(const Target& target, DeviceReport& report) const override {
    report.event({{"event", "begin"}});
    return smoke_target(target, options_.console, std::getenv("SOURCE_DATE_EPOCH") != nullptr,
                        report);
  }

 private:
  const FlashOptions& options_;
};

class Smoked final : public Backend {
 public:
  Smoked(std::unique_ptr<Backend> backend, const FlashOptions& options)
      : backend_(std::move(backend)), options_(options) {}

  std::optional<Problem> prepare(Job& job) override { return backend_->prepare(job); }

  std::optional<Problem> flash(const Target& target, DeviceReport& report) const override {
    if (auto problem = backend_->flash(target, report)) {
      return problem;
    }
    Target flashed = target;
    if (report.build_time()) {  // an interrupted run may have begun it
      auto source = std::make_shared<PlanSource>(*target.source);
      source->build_time = *report.build_time();
      flashed.source = std::move(source);
    }
    return smoke_target(flashed, options_.console, true, report);
  }

 private:
  std::unique_ptr<Backend> backend_;
  const FlashOptions& options_;
};

}  // namespace

std::optional<Problem> smoke_target(const Target& target, const ConsoleLine& line,
                                    bool has_build_time, DeviceReport& report) {
  auto wanted = wanted_of(*target.source, has_build_time);
  if (!wanted) {
    return wanted.error();
  }
  wanted.value().seconds = line.seconds.value_or(wanted.value().seconds);
  report.event({{"event", "smoke"}});
  auto port = provision::SerialPort::open(target.port, line.baud);
  if (!port) {
    return port.error();
  }
  const auto smoked =
      provision::smoke(port.value(), wanted.value(), std::chrono::seconds(line.line_seconds));
  if (!smoked) {
    return smoked.error();
  }
  report.field("smoke") = to_json(smoked.value());
  std::optional<Problem> first;
  for (const SmokeCheck& check : smoked.value().checks) {
    if (check.problem && first) {
      report.report(*check.problem);
    } else if (check.problem) {
      first = Problem{host::kNo, *check.problem};
    }
  }
  if (!first) {
    report.summary("runs: " + host::count(smoked.value().checks.size(), "check") + " passed");
  }
  return first;
}

std::unique_ptr<Backend> with_smoke(std::unique_ptr<Backend> backend, const FlashOptions& options) {
  return std::make_unique<Smoked>(std::move(backend), options);
}

void add_console_line(tools::CommandLine& line, ConsoleLine& console) {
  line.option("--console-baud", "BAUD", console.baud, "of the board's Lua prompt; default: 115200");
  line.option("--seconds", "N", console.seconds,
              "from a reset to the prompt; default: the manifest's, or 10")
      .range(1, 3600);
  line.option("--line-seconds", "N", console.line_seconds,
              "for the answer to one line of the prompt; default: 3")
      .range(1, 600);
}

void add_smoke(Verbs& verbs) {
  auto options = std::make_shared<FlashOptions>();
  options->needs_plan = false;
  tools::CommandLine line =
      verbs.add("smoke", "whether boards start, and run what plans or manifests gave them",
                "  nodeflash smoke --port /dev/ttyUSB0 plan.json\n"
                "  nodeflash smoke --port /dev/ttyUSB0",
                [options](Job& job) {
                  SmokeBackend backend(*options);
                  return run_boards(*options, backend, job);
                });
  add_boards(line, *options);
  add_console_line(line, options->console);
}

}  // namespace flashstore::nodeflash
