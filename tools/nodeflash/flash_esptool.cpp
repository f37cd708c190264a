// One device, through esptool.
#include <filesystem>

#include "backend.h"
#include "device_journal.h"
#include "host/json.h"
#include "host/numbers.h"
#include "host/quantities.h"
#include "provision/apply.h"
#include "provision/esptool_chip.h"
#include "provision/no_stub.h"

namespace flashstore::nodeflash {
namespace {

using host::Json;
using provision::EsptoolChip;

// Not each board can do the first; all can do the last.
constexpr uint32_t kBauds[] = {460800, 230400, 115200};
constexpr uint32_t kTries = 4;

// What of the bytes a plan writes are written, in percent.
class Share {
 public:
  explicit Share(const provision::Plan& plan) : plan_(plan) {}

  uint32_t at(uint32_t address, uint32_t percent) const {
    uint64_t done = 0;
    uint64_t all = 0;
    for (const provision::Step& step : plan_.steps) {
      if (step.kind != provision::StepKind::kWrite) {
        continue;
      }
      if (address >= step.address && address - step.address < step.bytes) {
        done = all + uint64_t{step.bytes} * std::min(percent, 100U) / 100;
      }
      all += step.bytes;
    }
    return all == 0 ? 0 : static_cast<uint32_t>(done * 100 / all);
  }

 private:
  const provision::Plan& plan_;
};

class Flashing {
 public:
  Flashing(const FlashOptions& options, const Target& target, DeviceReport& report)
      : options_(options), target_(target), report_(report), journal_(options.journal) {}

  std::optional<Problem> run(const provision::Esptool& esptool, std::vector<uint32_t> bauds) {
    report_.event({{"event", "begin"}, {"esptool", esptool.version}});
    if (options_.no_stub) {
      if (auto problem = check_no_stub(esptool)) {
        return problem;
      }
    }
    EsptoolChip chip(esptool,
                     {.port = target_.port,
                      .chip = target_.source->what().chip,
                      .bauds = std::move(bauds),
                      .tries = options_.tries.value_or(kTries),
                      .seconds = options_.seconds,
                      .mac = target_.mac,
                      .stub = !options_.no_stub},
                     told_of());
    auto problem = run(chip);
    report_.field("retries") = retries_;
    return problem;
  }

 private:
  // Before the device is asked for anything.
  std::optional<Problem> check_no_stub(const provision::Esptool& esptool) const {
    if (target_.source->what().chip == provision::kEsp8266.name) {
      const auto plan = make_plan(*target_.source, {});
      return plan ? provision::refuse_no_stub(plan.value()) : plan.error();
    }
    if (!esptool.erases_without_stub) {
      return Problem{host::kEnvironment,
                     {.id = "no-stub-version",
                      .message = "esptool " + esptool.version + " erases nothing without its stub",
                      .hint = "4.10 or later does; or leave --no-stub out"}};
    }
    return std::nullopt;
  }

  provision::EsptoolHost told_of() {
    return {
        .retry =
            [this](const Diagnostic& why, uint32_t baud) {
              retries_.push_back({{"id", why.id}, {"message", why.message}, {"baud", baud}});
              Json event = retries_.back();
              event["event"] = "retry";
              report_.event(event);
              report_.summary(why.message + "; once more, at " + std::to_string(baud) + " baud");
            },
        .progress = [this](uint32_t address,
                           uint32_t percent) { show_progress(address, percent); }};
  }

  void show_progress(uint32_t address, uint32_t percent) {
    report_.event({{"event", "progress"}, {"address", address}, {"percent", percent}});
    report_.progress("writing at " + host::hex(address), Share(plan_).at(address, percent));
  }

  std::optional<Problem> run(EsptoolChip& chip) {
    if (auto problem = chip.identify()) {
      return problem;
    }
    const provision::DeviceIdentity& device = chip.identity();
    report_.field("device") = {
        {"chip", device.chip}, {"mac", device.mac}, {"flash_size", device.flash_bytes}};
    Json event = report_.field("device");
    event["event"] = "device";
    report_.event(event);
    if (auto problem = journal_.open(
            device.mac, [this](const Diagnostic& diagnostic) { report_.report(diagnostic); })) {
      return problem;
    }
    if (auto interrupted = journal_.interrupted(*target_.source)) {
      plan_ = std::move(*interrupted);
    } else {
      auto planned = make_plan(*target_.source, [&](const provision::ChipKind& kind) {
        return read_device(kind, chip);
      });
      if (!planned) {
        return planned.error();
      }
      plan_ = std::move(planned).value();
    }
    report_.set_build_time(plan_.build_time);
    for (const Diagnostic& note : plan_.notes) {
      report_.report(note);
    }
    if (options_.bauds.empty()) {
      chip.use_bauds(plan_.manifest.bauds);
    }
    return apply(chip);
  }

  static core::Result<provision::DeviceState, Problem> read_device(const provision::ChipKind& kind,
                                                                   EsptoolChip& chip) {
    auto page = chip.read(kind.table_address, provision::kTableBytes);
    if (!page) {
      return page.error();
    }
    return provision::DeviceState{std::move(page).value(), chip.identity().flash_bytes};
  }

  std::optional<Problem> apply(EsptoolChip& chip) {
    const provision::DeviceIdentity& device = chip.identity();
    std::string page;
    const provision::ApplyHost host{
        .keep_page = [&](std::span<const uint8_t> bytes) { return keep(bytes, device, page); },
        .begin = [&](size_t step) { show_step(step); },
        .done = [&](size_t steps) { return keep_in_mind(steps); }};
    const auto applied = provision::apply(plan_, chip, host, journal_.steps_done(plan_));
    if (!applied) {
      if (done_ && !journal_.file().empty()) {
        report_.summary(std::to_string(*done_) + " of " + host::count(plan_.steps.size(), "step") +
                        " done; the same call goes on there");
      }
      return applied.error();
    }
    journal_.remove();
    const size_t before = applied.value().steps_before;
    report_.field("baud") = chip.baud();
    report_.field("was_there") = applied.value().was_there;
    report_.field("page") = page.empty() ? Json(nullptr) : Json(page);
    const size_t steps = applied.value().was_there ? 0 : plan_.steps.size() - before;
    report_.field("steps") = steps;
    report_.field("steps_before") = before;
    report_.summary(device.mac + (applied.value().was_there
                                      ? " had all of it already"
                                      : ", " + host::count(steps, "step") + " done and verified"));
    return std::nullopt;
  }

  std::optional<Problem> keep_in_mind(size_t steps) {
    if (!done_ && steps > 0) {
      report_.event({{"event", "resume"}, {"step", steps}, {"of", plan_.steps.size()}});
      report_.summary("an earlier run has done " + std::to_string(steps) + " of " +
                      host::count(plan_.steps.size(), "step") + ": on from there");
    }
    done_ = steps;
    return journal_.keep(plan_, steps);
  }

  // It is on the disk before anything is erased. Older ones stay.
  std::optional<Problem> keep(std::span<const uint8_t> page,
                              const provision::DeviceIdentity& device, std::string& file) {
    file = options_.keep_page;
    if (file.empty()) {
      std::string name = device.mac;
      std::erase(name, ':');
      file = name + ".page";
      std::error_code error;
      for (uint32_t i = 1; std::filesystem::exists(file, error); ++i) {
        file = name + "." + std::to_string(i) + ".page";
      }
    }
    auto pending = host::PendingFile::prepare(file, {page.begin(), page.end()});
    const auto failed = pending ? pending.value().commit() : std::optional(pending.error());
    if (failed) {
      return Problem{host::kEnvironment, {.id = "unwritable", .message = failed->message}};
    }
    report_.event({{"event", "page-kept"}, {"file", file}});
    report_.summary("the partition page of before is kept in " + file);
    return std::nullopt;
  }

  void show_step(size_t number) {
    const provision::Step& step = plan_.steps[number];
    report_.event({{"event", "step"},
                   {"step", number},
                   {"of", plan_.steps.size()},
                   {"kind", name(step.kind)},
                   {"address", step.address},
                   {"bytes", step.bytes},
                   {"reason", step.reason}});
    if (step.kind != provision::StepKind::kWrite) {
      report_.progress(
          std::string(name(step.kind)) + " " + provision::range(step.address, step.bytes), 0);
    }
  }

  const FlashOptions& options_;
  const Target& target_;
  DeviceReport& report_;
  DeviceJournal journal_;
  provision::Plan plan_;
  std::optional<size_t> done_;  // steps; empty: nothing is begun
  Json retries_ = Json::array();
};

class EsptoolBackend final : public Backend {
 public:
  explicit EsptoolBackend(const FlashOptions& options) : options_(options) {}

  std::optional<Problem> prepare(Job& job) override {
    auto bauds = bauds_of(options_);
    if (!bauds) {
      return bauds.error();
    }
    bauds_ = std::move(bauds).value();
    if (bauds_.empty()) {
      bauds_.assign(std::begin(kBauds), std::end(kBauds));
    }
    auto found = provision::find_esptool(options_.esptool);
    if (!found) {
      return found.error();
    }
    esptool_ = std::move(found).value();
    job.field("esptool") = {{"command", esptool_.command}, {"version", esptool_.version}};
    return std::nullopt;
  }

  std::optional<Problem> flash(const Target& target, DeviceReport& report) const override {
    return Flashing(options_, target, report).run(esptool_, bauds_);
  }

 private:
  const FlashOptions& options_;
  provision::Esptool esptool_;
  std::vector<uint32_t> bauds_;
};

}  // namespace

std::unique_ptr<Backend> esptool_backend(const FlashOptions& options) {
  return std::make_unique<EsptoolBackend>(options);
}

}  // namespace flashstore::nodeflash
