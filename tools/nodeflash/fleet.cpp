#include "fleet.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <thread>

#include "host/child.h"
#include "host/json.h"
#include "host/lock.h"
#include "host/quantities.h"

namespace flashstore::nodeflash {
namespace {

using host::Json;

using PortLock = core::Result<host::Lock, host::LockError>;

// A lock of our own: on the terminal itself the program that opens it may want one (esptool does).
PortLock lock(const Target& target) {
  return host::Lock::take("nodeflash." + target.identity);
}

std::optional<Problem> flash(const Target& target, const PortLock& lock, const Backend& backend,
                             DeviceReport& report) {
  const provision::InputDigest& document = target.source->document;
  report.field("input") =
      document.path.empty()
          ? Json(nullptr)
          : Json({{"path", document.path}, {"size", document.bytes}, {"sha256", document.sha256}});
  if (!lock) {
    const bool is_held = lock.error().is_held;
    return Problem{host::kEnvironment,
                   {.id = is_held ? "port-busy" : "no-lock",
                    .message = is_held ? "another nodeflash uses the port" : lock.error().message,
                    .hint = "nothing was written"}};
  }
  if (host::interrupted_by() != 0) {
    return provision::refused("interrupted", "interrupted", "nothing was written");
  }
  try {
    return backend.flash(target, report);
  } catch (const std::bad_alloc&) {
    return Problem{host::kEnvironment, {.id = "memory", .message = "not enough memory"}};
  } catch (const std::exception& mistake) {
    return Problem{host::kEnvironment,
                   {.id = "internal",
                    .message = std::string("a mistake of this tool: ") + mistake.what(),
                    .hint = "please report it, with the input"}};
  }
}

}  // namespace

int run_fleet(const std::vector<Target>& targets, size_t jobs, const Backend& backend, Job& job) {
  RunReport run(job);
  std::deque<DeviceReport> reports;
  std::deque<PortLock> locks;  // all of them before anything is begun
  for (const Target& target : targets) {
    reports.emplace_back(run, target.port);
    locks.push_back(lock(target));
  }
  {
    const host::Interruptible interruptible;
    std::atomic<size_t> next{0};
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < std::min(jobs, targets.size()); ++i) {
      threads.emplace_back([&] {
        for (size_t at = next++; at < targets.size(); at = next++) {
          reports[at].end(flash(targets[at], locks[at], backend, reports[at]));
        }
      });
    }
  }
  Json& devices = job.field("devices") = Json::array();
  const DeviceReport* first = nullptr;
  size_t failed = 0;
  for (DeviceReport& report : reports) {
    devices.push_back(report.take_entry());
    if (report.problem()) {
      first = first == nullptr ? &report : first;
      ++failed;
    }
  }
  if (targets.size() > 1) {
    job.summary(host::count(targets.size(), "board") + ": " +
                std::to_string(targets.size() - failed) + " done, " + std::to_string(failed) +
                " failed");
  }
  return first == nullptr ? host::kOk : job.fail_as(*first->problem());
}

}  // namespace flashstore::nodeflash
