#include "device_journal.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace flashstore::nodeflash {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxBytes = 1 << 20;

std::string folder_of(const std::string& given) {
  if (!given.empty()) {
    return given;
  }
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  // One that is relative does not count (XDG Base Directory Specification).
  const std::string state = variable("XDG_STATE_HOME");
  if (state.starts_with('/')) {
    return state + "/nodeflash";
  }
  const std::string home = variable("HOME");
  return home.empty() ? "" : home + "/.local/state/nodeflash";
}

Problem unwritable(const std::string& message) {
  return {host::kEnvironment,
          {.id = "unwritable",
           .message = message,
           .hint = "the journal of what is done goes there; --journal names another folder"}};
}

}  // namespace

DeviceJournal::DeviceJournal(const std::string& folder)
    : is_given_(!folder.empty()), folder_(folder_of(folder)) {}

std::optional<Problem> DeviceJournal::open(const std::string& mac,
                                           const std::function<void(const Diagnostic&)>& warn) {
  if (folder_.empty() || mac.empty()) {
    return std::nullopt;
  }
  mac_ = mac;
  std::string name = mac;
  std::erase(name, ':');
  std::error_code error;
  fs::create_directories(folder_, error);
  auto lock = host::Lock::take(name + ".lock", folder_);
  if (!lock && lock.error().is_held) {
    return Problem{host::kEnvironment,
                   {.id = "device-busy",
                    .message = "the board " + mac + " is worked on already, at another port",
                    .hint = "nothing was written"}};
  }
  if (!lock) {
    Problem problem = unwritable(lock.error().message);
    if (is_given_) {
      return problem;
    }
    problem.diagnostic.severity = host::Severity::kWarning;
    warn(problem.diagnostic);
    return std::nullopt;
  }
  lock_.emplace(std::move(lock).value());
  file_ = folder_ + "/" + name + ".json";
  if (!fs::exists(file_, error)) {
    return std::nullopt;
  }
  const auto text = host::read_input(file_, kMaxBytes);
  auto journal = text ? provision::parse_journal(file_, text.value())
                      : core::Result<provision::Journal, Problem>(text.error());
  if (journal) {
    found_ = std::move(journal).value();
  } else {
    Diagnostic diagnostic = journal.error().diagnostic;
    diagnostic.id = "bad-journal";
    diagnostic.severity = host::Severity::kWarning;
    diagnostic.hint = "it does not count: all steps are done";
    warn(diagnostic);
  }
  return std::nullopt;
}

std::optional<provision::Plan> DeviceJournal::interrupted(const PlanSource& source) const {
  if (!found_ || source.plan || !source.device.empty()) {
    return std::nullopt;
  }
  const uint32_t time = source.has_time ? source.build_time : found_->build_time;
  auto plan = provision::make_plan(source.manifest, source.inputs, time, found_->device);
  if (!plan || provision::digest_of(plan.value()) != found_->plan) {
    return std::nullopt;
  }
  return std::move(plan).value();
}

size_t DeviceJournal::steps_done(const provision::Plan& plan) const {
  return found_ ? provision::steps_done(*found_, plan) : 0;
}

std::optional<Problem> DeviceJournal::keep(const provision::Plan& plan, size_t steps) {
  if (file_.empty()) {
    return std::nullopt;
  }
  const std::string text = provision::to_text(provision::make_journal(mac_, plan, steps));
  auto pending = host::PendingFile::prepare(file_, {text.begin(), text.end()});
  const auto failed = pending ? pending.value().commit() : std::optional(pending.error());
  return failed ? std::optional(unwritable(failed->message)) : std::nullopt;
}

void DeviceJournal::remove() {
  std::error_code error;
  if (!file_.empty()) {
    fs::remove(file_, error);
  }
}

}  // namespace flashstore::nodeflash
