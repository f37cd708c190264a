// nodeflash flash: a plan comes onto a board.
#include <algorithm>
#include <filesystem>
#include <memory>

#include "host/child.h"
#include "host/files.h"
#include "host/json.h"
#include "host/numbers.h"
#include "host/quantities.h"
#include "partition/format.h"
#include "planning.h"
#include "provision/apply.h"
#include "provision/esptool_chip.h"
#include "verbs.h"

namespace flashstore::nodeflash {
namespace {

using host::Json;
using provision::EsptoolChip;

// Not each board can do the first; all can do the last.
constexpr uint32_t kBauds[] = {460800, 230400, 115200};
constexpr uint32_t kTries = 4;

struct FlashOptions {
  PlanningOptions planning;
  std::string port;
  std::string esptool;             // empty: looked for
  std::vector<std::string> bauds;  // empty: the manifest's, or kBauds
  std::optional<uint32_t> tries;
  std::optional<uint32_t> seconds;
  std::string mac;        // empty: any
  std::string keep_page;  // empty: named by the device
  bool events = false;
};

class Flash {
 public:
  Flash(const FlashOptions& options, Job& job) : options_(options), job_(job) {}

  int run() {
    if (options_.events) {
      job_.show_events();
    }
    auto line = line_of(options_);
    if (!line) {
      return job_.fail(line.error());
    }
    auto esptool = provision::find_esptool(options_.esptool);
    if (!esptool) {
      return job_.fail(esptool.error());
    }
    job_.field("port") = options_.port;
    job_.field("esptool") = {{"command", esptool.value().command},
                             {"version", esptool.value().version}};
    job_.event({{"event", "begin"}, {"port", options_.port}, {"esptool", esptool.value().version}});
    const host::Interruptible interruptible;
    EsptoolChip chip(std::move(esptool).value(), std::move(line).value(), told_of());
    const int status = run(chip);
    job_.event({{"event", "end"}, {"ok", status == host::kOk}});
    return status;
  }

 private:
  static core::Result<provision::EsptoolLine, Problem> line_of(const FlashOptions& options) {
    provision::EsptoolLine line{.port = options.port,
                                .bauds = {std::begin(kBauds), std::end(kBauds)},
                                .tries = options.tries.value_or(kTries),
                                .seconds = options.seconds,
                                .mac = options.mac};
    if (!options.bauds.empty()) {
      line.bauds.clear();
    }
    for (const std::string& text : options.bauds) {
      const auto baud = host::parse_number(text, false);
      if (!baud || *baud == 0) {
        return Problem{host::kUsage,
                       {.id = "usage", .message = "'" + text + "' is no number of bauds"}};
      }
      line.bauds.push_back(*baud);
    }
    return line;
  }

  provision::EsptoolHost told_of() {
    return {.retry =
                [this](const Diagnostic& why, uint32_t baud) {
                  retries_.push_back({{"id", why.id}, {"message", why.message}, {"baud", baud}});
                  Json event = retries_.back();
                  event["event"] = "retry";
                  job_.event(event);
                  job_.summary(why.message + "; once more, at " + std::to_string(baud) + " baud");
                },
            .progress = [this](uint32_t address,
                               uint32_t percent) { show_progress(address, percent); }};
  }

  void show_progress(uint32_t address, uint32_t percent) {
    job_.event({{"event", "progress"}, {"address", address}, {"percent", percent}});
    constexpr uint32_t kWidth = 30;
    const uint32_t full = std::min(percent, 100U) * kWidth / 100;
    job_.progress("writing at " + host::hex(address) + " [" + std::string(full, '=') +
                  std::string(kWidth - full, ' ') + "] " + std::to_string(percent) + " %");
  }

  int run(EsptoolChip& chip) {
    if (const auto problem = chip.identify()) {
      return fail(*problem);
    }
    const provision::DeviceIdentity& device = chip.identity();
    job_.field("device") = {
        {"chip", device.chip}, {"mac", device.mac}, {"flash_size", device.flash_bytes}};
    job_.event({{"event", "device"},
                {"chip", device.chip},
                {"mac", device.mac},
                {"flash_size", device.flash_bytes}});
    auto planned = make_plan(
        options_.planning, [&](const provision::ChipKind& kind) { return read_device(kind, chip); },
        job_);
    if (!planned) {
      return fail(planned.error());
    }
    const provision::Plan& plan = planned.value().plan;
    for (const Diagnostic& note : plan.notes) {
      job_.report(note);
    }
    if (options_.bauds.empty()) {
      chip.use_bauds(plan.manifest.bauds);
    }
    std::string page;
    const provision::ApplyHost host{
        .keep_page = [&](std::span<const uint8_t> bytes) { return keep(bytes, device, page); },
        .begin = [&](size_t step) { show_step(plan, step); }};
    const auto applied = provision::apply(plan, chip, host);
    if (!applied) {
      return fail(applied.error());
    }
    job_.field("baud") = chip.baud();
    job_.field("retries") = retries_;
    job_.field("was_there") = applied.value().was_there;
    job_.field("page") = page.empty() ? Json(nullptr) : Json(page);
    job_.field("steps") = applied.value().was_there ? 0 : plan.steps.size();
    job_.summary(options_.port + ": " + device.mac +
                 (applied.value().was_there
                      ? " had all of it already"
                      : ", " + host::count(plan.steps.size(), "step") + " done and verified"));
    return host::kOk;
  }

  int fail(const Problem& problem) {
    job_.field("retries") = retries_;
    return job_.fail(problem);
  }

  static core::Result<provision::DeviceState, Problem> read_device(const provision::ChipKind& kind,
                                                                   EsptoolChip& chip) {
    auto page = chip.read(kind.table_address, provision::kTableBytes);
    if (!page) {
      return page.error();
    }
    return provision::DeviceState{std::move(page).value(), chip.identity().flash_bytes};
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
    job_.event({{"event", "page-kept"}, {"file", file}});
    job_.summary("the partition page of before is kept in " + file);
    return std::nullopt;
  }

  void show_step(const provision::Plan& plan, size_t number) {
    const provision::Step& step = plan.steps[number];
    job_.event({{"event", "step"},
                {"step", number},
                {"of", plan.steps.size()},
                {"kind", name(step.kind)},
                {"address", step.address},
                {"bytes", step.bytes},
                {"reason", step.reason}});
    job_.progress(std::string(name(step.kind)) + " " + provision::range(step.address, step.bytes));
  }

  const FlashOptions& options_;
  Job& job_;
  Json retries_ = Json::array();
};

}  // namespace

void add_flash(Verbs& verbs) {
  auto options = std::make_shared<FlashOptions>();
  tools::CommandLine line =
      verbs.add("flash", "bring a plan, or a manifest, onto a board, through esptool",
                "  nodeflash flash --port /dev/ttyUSB0 board.json\n"
                "  nodeflash flash --port /dev/ttyUSB0 --lua main.lua --partitions device",
                [options](Job& job) { return Flash(*options, job).run(); });
  line.option("--port", "PORT", options->port, "where the board is").required();
  line.option("--esptool", "COMMAND", options->esptool,
              "default: $ESPTOOL, esptool, esptool.py, python3 -m esptool");
  line.option("--baud", "BAUD", options->bauds,
              "of the line; several, once for each: the next one after a failure");
  line.option("--tries", "N", options->tries, "of what fails; default: 4").range(1, 100);
  line.option("--timeout", "SECONDS", options->seconds,
              "of a call of esptool; default: by its size")
      .range(1, 86400);
  line.option("--mac", "ADDRESS", options->mac, "the board that is wanted, no other");
  line.option("--keep-page", "FILE", options->keep_page,
              "keep the partition page of before; default: ADDRESS.page");
  line.flag("--events", options->events, "tell on stderr what happens, one JSON object a line");
  add_planning(line, options->planning);
}

}  // namespace flashstore::nodeflash
