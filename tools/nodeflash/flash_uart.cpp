// One device, through its Lua prompt.
#include <algorithm>
#include <chrono>

#include "backend.h"
#include "host/json.h"
#include "host/quantities.h"
#include "provision/prompt_flash.h"

namespace flashstore::nodeflash {
namespace {

using host::Json;
using provision::Inputs;
using provision::PromptFlashReport;
using std::chrono::seconds;

// From a reset to the prompt, if nothing tells.
constexpr uint32_t kSecondsToPrompt = 10;

Json files_of(const PromptFlashReport& report) {
  Json files = Json::array();
  for (const PromptFlashReport::File& file : report.files) {
    files.push_back({{"name", file.name}, {"size", file.bytes}, {"was_there", file.was_there}});
  }
  return files;
}

class Prompting {
 public:
  Prompting(const FlashOptions& options, const Target& target, DeviceReport& report)
      : options_(options), target_(target), report_(report) {}

  std::optional<Problem> run() {
    report_.event({{"event", "begin"}});
    if (!target_.mac.empty()) {
      return provision::refused("no-mac", "a Lua prompt does not tell which board it is of",
                                "name its port by path or adapter");
    }
    const PlanSource& source = *target_.source;
    // A plan that is there has looked at the same files just now.
    auto read = source.plan ? provision::read_inputs(source.plan->manifest, source.folder)
                            : core::Result<Inputs, Problem>(source.inputs);
    if (!read) {
      return read.error();
    }
    auto port = provision::SerialPort::open(target_.port, options_.console.baud);
    if (!port) {
      return port.error();
    }
    PromptFlashReport flashed;
    auto problem = provision::flash_by_prompt(
        source.what(), read.value(), source.plan ? source.plan->build_time : source.build_time,
        port.value(), patience(source.what()),
        {.progress = [this](const std::string& what, uint64_t done,
                            uint64_t all) { show_progress(what, done, all); }},
        flashed);
    tell(flashed, problem.has_value());
    return problem;
  }

 private:
  provision::PromptFlashOptions patience(const provision::Manifest& manifest) const {
    const ConsoleLine& console = options_.console;
    provision::PromptFlashOptions patience;
    patience.to_prompt = seconds(
        console.seconds.value_or(manifest.smoke ? manifest.smoke->seconds : kSecondsToPrompt));
    patience.to_line = seconds(console.line_seconds);
    if (options_.seconds) {
      patience.to_reload = seconds(*options_.seconds);
    }
    return patience;
  }

  void show_progress(const std::string& what, uint64_t done, uint64_t all) {
    const auto percent = static_cast<uint32_t>(done * 100 / all);
    if (percent != percent_) {
      percent_ = percent;
      report_.event({{"event", "progress"}, {"what", what}, {"percent", percent}});
    }
    report_.progress("writing " + what, percent);
  }

  void tell(const PromptFlashReport& flashed, bool failed) {
    for (const Diagnostic& note : flashed.notes) {
      report_.report(note);
    }
    report_.field("left_out") = flashed.left_out;
    report_.field("files") = files_of(flashed);
    report_.field("other_files") = flashed.other_files;
    Json& image = report_.field("image") = nullptr;
    if (flashed.payload) {
      image = {{"state", name(flashed.image)},
               {"size", flashed.payload->image_bytes},
               {"modules", flashed.payload->modules},
               {"build_time", flashed.payload->build_time},
               {"said", flashed.banner}};
    }
    if (failed) {
      return;
    }
    const auto written = static_cast<size_t>(
        std::ranges::count(flashed.files, false, &PromptFlashReport::File::was_there));
    std::string done = host::count(written, "file") + " written";
    if (flashed.payload) {
      done += flashed.image == PromptFlashReport::Image::kReloaded
                  ? ", LFS reloaded with " + host::count(flashed.payload->modules.size(), "module")
                  : ", LFS had the image already";
    }
    report_.summary(done);
  }

  const FlashOptions& options_;
  const Target& target_;
  DeviceReport& report_;
  uint32_t percent_ = UINT32_MAX;
};

class UartBackend final : public Backend {
 public:
  explicit UartBackend(const FlashOptions& options) : options_(options) {}

  std::optional<Problem> prepare(Job&) override {
    if (!options_.bauds.empty()) {
      return Problem{host::kUsage,
                     {.id = "usage",
                      .message = "--baud is esptool's",
                      .hint = "--console-baud is that of a Lua prompt"}};
    }
    return std::nullopt;
  }

  std::optional<Problem> flash(const Target& target, DeviceReport& report) const override {
    return Prompting(options_, target, report).run();
  }

 private:
  const FlashOptions& options_;
};

}  // namespace

std::unique_ptr<Backend> uart_backend(const FlashOptions& options) {
  return std::make_unique<UartBackend>(options);
}

}  // namespace flashstore::nodeflash
