// nodeflash apply: a plan becomes flash content.
#include <algorithm>
#include <filesystem>
#include <memory>

#include "host/digest.h"
#include "host/json.h"
#include "host/quantities.h"
#include "partition/md5.h"
#include "planning.h"
#include "provision/apply.h"
#include "provision/image_chip.h"
#include "provision/intel_hex.h"
#include "verbs.h"

namespace flashstore::nodeflash {
namespace {

using host::Json;

constexpr size_t kMaxFlashBytes = 16 << 20;

enum class Format : uint8_t { kRaw, kHex };
constexpr std::pair<const char*, Format> kFormats[] = {{"raw", Format::kRaw},
                                                       {"hex", Format::kHex}};

struct ApplyOptions {
  PlanningOptions planning;
  std::string output;
  Format format = Format::kRaw;
  std::string regions;    // empty: none
  std::string keep_page;  // empty: beside the output
};

std::string md5_text(std::span<const uint8_t> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const uint8_t byte : partition::md5(bytes)) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0xF];
  }
  return text;
}

// What lies where in the image, with digests to hold a device against.
Json regions_of(const provision::Plan& plan, std::span<const uint8_t> flash) {
  Json regions = Json::array();
  for (const provision::Region& region : plan.regions) {
    const auto bytes = flash.subspan(region.address, region.bytes);
    regions.push_back(
        {{"name", region.name},
         {"address", region.address},
         {"length", region.bytes},
         {"policy", name(region.policy)},
         {"sha256", host::sha256({reinterpret_cast<const char*>(bytes.data()), bytes.size()})},
         {"md5", md5_text(bytes)}});
  }
  return regions;
}

class Apply {
 public:
  Apply(const ApplyOptions& options, Job& job) : options_(options), job_(job) {}

  int run() {
    for (const std::string& output : {options_.output, options_.regions}) {
      if (job_.overwrites(options_.planning.document, output)) {
        return host::kUsage;
      }
    }
    if (const auto problem = read_old()) {
      return job_.fail(*problem);
    }
    auto planned = make_plan(
        options_.planning,
        [this](const provision::ChipKind& chip) {
          return core::Result<provision::DeviceState, Problem>(device_in(old_, chip));
        },
        job_);
    if (!planned) {
      return job_.fail(planned.error());
    }
    plan_ = std::move(planned.value().plan);
    for (const Diagnostic& note : plan_.notes) {
      job_.report(note);
    }
    return write();
  }

 private:
  // An image that is there is the flash of the device.
  std::optional<Problem> read_old() {
    std::error_code error;
    if (options_.format == Format::kHex ||
        !std::filesystem::is_regular_file(options_.output, error)) {
      return std::nullopt;
    }
    auto content = host::read_input(options_.output, kMaxFlashBytes);
    if (!content) {
      return content.error();
    }
    old_ = std::move(content).value();
    return std::nullopt;
  }

  int write() {
    if (!old_.empty() && old_.size() != plan_.flash_bytes) {
      return job_.fail(provision::refused("other-flash",
                                          "the image has " + host::bytes(old_.size()) +
                                              ", the plan is for " + host::bytes(plan_.flash_bytes),
                                          "give another output, or remove it", options_.output));
    }
    norsim::Contents contents(plan_.flash_bytes);
    if (!old_.empty()) {
      contents.program(0, {reinterpret_cast<const uint8_t*>(old_.data()), old_.size()});
    }
    norsim::Flash flash(std::move(contents));
    provision::ImageChip chip(flash);
    int status = host::kOk;
    const provision::ApplyHost host{
        .keep_page = [&](std::span<const uint8_t> page) -> std::optional<Problem> {
          status = keep(page);
          return std::nullopt;
        }};
    const auto applied = provision::apply(plan_, chip, host);
    if (!applied) {
      return job_.fail(applied.error());
    }
    return status == host::kOk ? report(applied.value(), flash.contents().bytes()) : status;
  }

  int keep(std::span<const uint8_t> page) {
    const std::string file =
        options_.keep_page.empty() ? options_.output + ".page" : options_.keep_page;
    job_.summary("the partition page of before is kept in " + file);
    return job_.write(file, {page.begin(), page.end()});
  }

  int report(const provision::Applied& applied, const std::vector<uint8_t>& flash) {
    const Json regions = regions_of(plan_, flash);
    std::vector<uint8_t> file = flash;
    if (options_.format == Format::kHex) {
      const std::string text = provision::intel_hex(flash);
      file.assign(text.begin(), text.end());
    }
    job_.field("output") =
        Job::describe(options_.output, {reinterpret_cast<const char*>(file.data()), file.size()});
    job_.field("format") = options_.format == Format::kRaw ? "raw" : "hex";
    job_.field("flash_size") = plan_.flash_bytes;
    job_.field("was_there") = applied.was_there;
    job_.field("page_kept") = applied.page_kept;
    job_.field("steps") = applied.was_there ? 0 : plan_.steps.size();
    job_.field("regions") = regions;
    if (!options_.regions.empty()) {
      const std::string text = host::to_text({{"schema", "nodeflash.regions/1"},
                                              {"flash_size", plan_.flash_bytes},
                                              {"regions", regions}});
      if (const int status = job_.write(options_.regions, {text.begin(), text.end()})) {
        return status;
      }
    }
    const std::string size = host::bytes(file.size());
    if (const int status = job_.write(options_.output, std::move(file))) {
      return status;
    }
    job_.summary(options_.output + ": " + size +
                 (applied.was_there ? ", all of it was there already"
                                    : ", " + host::count(plan_.steps.size(), "step") + " done"));
    return host::kOk;
  }

  const ApplyOptions& options_;
  Job& job_;
  std::string old_;
  provision::Plan plan_;
};

int run_apply(const ApplyOptions& options, Job& job) {
  if (options.output == "-") {
    return job.usage_error("an image is no text for stdout", "name a file after -o");
  }
  return Apply(options, job).run();
}

}  // namespace

void add_apply(Verbs& verbs) {
  auto options = std::make_shared<ApplyOptions>();
  tools::CommandLine line = verbs.add("apply", "bring a plan, or a manifest, into a flash image",
                                      "  nodeflash apply -o chip.bin plan.json\n"
                                      "  nodeflash apply -o chip.hex --format hex board.json",
                                      [options](Job& job) { return run_apply(*options, job); });
  line.option("-o,--output", "IMG", options->output,
              "the image; one that is there is written as a device's flash would be")
      .required();
  add_choice(line, "--format", "FORMAT", kFormats, options->format, "of the image");
  line.option("--regions", "FILE", options->regions, "the digests of all regions, as JSON");
  line.option("--keep-page", "FILE", options->keep_page,
              "keep the partition page of before; default: IMG.page");
  add_planning(line, options->planning);
}

}  // namespace flashstore::nodeflash
