// nodeflash flash: plans come onto boards.
#include <algorithm>
#include <memory>

#include "fleet.h"
#include "host/numbers.h"
#include "smoke.h"
#include "targets.h"
#include "verbs.h"

namespace flashstore::nodeflash {
namespace {

constexpr std::pair<const char*, MakeBackend> kBackends[] = {{"esptool", esptool_backend},
                                                             {"uart", uart_backend}};

// A process for each: more than this computer can start at once are of no use.
constexpr size_t kMostJobs = 16;

int run_flash(const FlashOptions& options, Job& job) {
  auto backend = options.backend(options);
  if (options.smoke) {
    backend = with_smoke(std::move(backend), options);
  }
  return run_boards(options, *backend, job);
}

}  // namespace

int run_boards(const FlashOptions& options, Backend& backend, Job& job) {
  if (options.events) {
    job.show_events();
  }
  const auto sources = read_sources(options, job);
  if (!sources) {
    return job.fail(sources.error());
  }
  const auto targets = find_targets(options, sources.value());
  if (!targets) {
    return job.fail(targets.error());
  }
  if (const auto problem = backend.prepare(job)) {
    return job.fail(*problem);
  }
  const size_t jobs = options.jobs.value_or(std::min(targets.value().size(), kMostJobs));
  return run_fleet(targets.value(), jobs, backend, job);
}

core::Result<std::vector<uint32_t>, Problem> bauds_of(const FlashOptions& options) {
  std::vector<uint32_t> bauds;
  for (const std::string& text : options.bauds) {
    const auto baud = host::parse_number(text, false);
    if (!baud || *baud == 0) {
      return Problem{host::kUsage,
                     {.id = "usage", .message = "'" + text + "' is no number of bauds"}};
    }
    bauds.push_back(*baud);
  }
  return bauds;
}

void add_boards(tools::CommandLine& line, FlashOptions& options) {
  line.option("--port", "PORT", options.ports,
              "where a board is; several, once for each; default: as the manifest has it");
  line.option("--jobs", "N", options.jobs, "boards at once; default: all, 16 at most")
      .range(1, 256);
  line.flag("--events", options.events, "tell on stderr what happens, one JSON object a line");
  add_plan_options(line, options.planning);
  line.argument("MANIFEST", options.documents, "manifests or plans; or options instead");
}

void add_flash(Verbs& verbs) {
  auto options = std::make_shared<FlashOptions>();
  tools::CommandLine line =
      verbs.add("flash", "bring plans, or manifests, onto boards",
                "  nodeflash flash --port /dev/ttyUSB0 board.json\n"
                "  nodeflash flash --port /dev/ttyUSB0 --port /dev/ttyUSB1 board.json\n"
                "  nodeflash flash --port /dev/ttyUSB0 --lua main.lua --partitions device",
                [options](Job& job) { return run_flash(*options, job); });
  add_boards(line, *options);
  add_choice(line, "--backend", "BACKEND", kBackends, options->backend, "the way to the board");
  line.option("--esptool", "COMMAND", options->esptool,
              "default: $ESPTOOL, esptool, esptool.py, python3 -m esptool");
  line.flag("--no-stub", options->no_stub,
            "esptool works through the chip's ROM, slowly; not for an ESP8266");
  line.option("--baud", "BAUD", options->bauds,
              "of the line; several, once for each: the next one after a failure");
  line.option("--tries", "N", options->tries, "of what fails; default: 4").range(1, 100);
  line.option("--timeout", "SECONDS", options->seconds,
              "of a call of esptool; default: by its size")
      .range(1, 86400);
  line.option("--mac", "ADDRESS", options->mac, "the board that is wanted, no other");
  line.option("--journal", "DIR", options->journal,
              "where it is kept in mind what is done; default: $XDG_STATE_HOME/nodeflash");
  line.option("--keep-page", "FILE", options->keep_page,
              "keep the partition page of before; default: ADDRESS.page");
  line.flag("--smoke", options->smoke, "look whether the board starts then, and runs what it got");
  add_console_line(line, options->console);
}

}  // namespace flashstore::nodeflash
