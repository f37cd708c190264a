// What is told of the devices of a run, each by its port, from whatever thread it is.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/json_forward.h"
#include "job.h"

namespace flashstore::nodeflash {

class DeviceReport;

// What the devices of a run share: the job, one at a time.
class RunReport {
 public:
  // `job` outlives it.
  explicit RunReport(Job& job) : job_(job) {}

  // In the order of the document; outlives the report.
  void add(DeviceReport& device) { devices_.push_back(&device); }

 private:
  friend class DeviceReport;

  // A line of what each device is at; the lock is taken.
  void show_progress();

  Job& job_;
  std::mutex one_at_a_time_;
  std::vector<DeviceReport*> devices_;
};

class DeviceReport {
 public:
  DeviceReport(RunReport& run, std::string port);
  DeviceReport(const DeviceReport&) = delete;
  DeviceReport& operator=(const DeviceReport&) = delete;
  ~DeviceReport();

  // A field of the device's entry in the JSON document; of this thread alone.
  host::Json& field(const std::string& name);

  // As a Job's, of this device. Events get the "port".
  void event(const host::Json& event);
  void summary(std::string_view text);
  void report(const Diagnostic& diagnostic);

  // What it is at, and how much of all it has to do is done.
  void progress(const std::string& what, uint32_t percent);

  // The time in the image it got, where that is not the one of this run.
  void set_build_time(uint32_t time) { build_time_ = time; }
  const std::optional<uint32_t>& build_time() const { return build_time_; }

  // Nothing more will come of it.
  void end(const std::optional<Problem>& problem);

  const std::optional<Problem>& problem() const { return problem_; }
  // The entry in the JSON document; once.
  host::Json take_entry();

 private:
  friend class RunReport;

  enum class State : uint8_t { kWaiting, kRunning, kDone };

  RunReport& run_;
  const std::string port_;
  std::unique_ptr<host::Json> fields_;
  std::unique_ptr<host::Json> diagnostics_;
  State state_ = State::kWaiting;
  std::optional<Problem> problem_;
  std::optional<uint32_t> build_time_;
  std::string doing_;
  uint32_t percent_ = 0;
};

}  // namespace flashstore::nodeflash
