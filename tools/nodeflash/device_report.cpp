#include "device_report.h"

#include <algorithm>
#include <utility>

#include "host/json.h"
#include "host/quantities.h"

namespace flashstore::nodeflash {
namespace {

using host::Json;

// In a line about all devices; a terminal has room for so many.
constexpr size_t kMostShown = 12;

std::string bar(uint32_t percent) {
  constexpr uint32_t kWidth = 30;
  const uint32_t full = std::min(percent, 100U) * kWidth / 100;
  return "[" + std::string(full, '=') + std::string(kWidth - full, ' ') + "] " +
         std::to_string(percent) + " %";
}

}  // namespace

void RunReport::show_progress() {
  if (devices_.size() == 1) {
    const DeviceReport& device = *devices_.front();
    job_.progress(device.doing_ + " " + bar(device.percent_));
    return;
  }
  size_t done = 0;
  size_t failed = 0;
  size_t running = 0;
  std::string each;
  for (const DeviceReport* device : devices_) {
    if (device->state_ == DeviceReport::State::kDone) {
      ++(device->problem_ ? failed : done);
    } else if (device->state_ == DeviceReport::State::kRunning && ++running <= kMostShown) {
      each += " " + std::to_string(device->percent_) + " %";
    }
  }
  job_.progress(host::count(devices_.size(), "board") + ", " + std::to_string(done) + " done, " +
                std::to_string(failed) + " failed:" + each + (running > kMostShown ? " ..." : ""));
}

DeviceReport::DeviceReport(RunReport& run, std::string port)
    : run_(run),
      port_(std::move(port)),
      fields_(std::make_unique<Json>(Json::object())),
      diagnostics_(std::make_unique<Json>(Json::array())) {
  run.add(*this);
}

DeviceReport::~DeviceReport() = default;

Json& DeviceReport::field(const std::string& name) {
  return (*fields_)[name];
}

void DeviceReport::event(const Json& event) {
  const std::lock_guard lock(run_.one_at_a_time_);
  Json whole = event;
  whole["port"] = port_;
  run_.job_.event(whole);
}

void DeviceReport::summary(std::string_view text) {
  const std::lock_guard lock(run_.one_at_a_time_);
  run_.job_.summary(port_ + ": " + std::string(text));
}

void DeviceReport::report(const Diagnostic& diagnostic) {
  if (run_.job_.shows_events()) {
    event(Job::event_of(diagnostic));
  } else {
    const std::lock_guard lock(run_.one_at_a_time_);
    run_.job_.say(diagnostic, port_);
  }
  diagnostics_->push_back(Job::describe(diagnostic, true));
}

void DeviceReport::progress(const std::string& what, uint32_t percent) {
  const std::lock_guard lock(run_.one_at_a_time_);
  state_ = State::kRunning;
  doing_ = what;
  percent_ = percent;
  run_.show_progress();
}

void DeviceReport::end(const std::optional<Problem>& problem) {
  if (problem) {
    report(problem->diagnostic);
  }
  event({{"event", "end"}, {"ok", !problem}});
  const std::lock_guard lock(run_.one_at_a_time_);
  state_ = State::kDone;
  problem_ = problem;
}

Json DeviceReport::take_entry() {
  Json entry{{"port", port_},
             {"ok", !problem_},
             {"reason", problem_ ? Json(problem_->diagnostic.id) : Json(nullptr)}};
  entry.update(*fields_);
  entry["diagnostics"] = std::move(*diagnostics_);
  return entry;
}

}  // namespace flashstore::nodeflash
