#include "planning.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "host/build_time.h"
#include "host/digest.h"
#include "host/json.h"
#include "partition/format.h"
#include "provision/plan_file.h"

namespace flashstore::nodeflash {
namespace {

namespace fs = std::filesystem;

using provision::DeviceState;
using provision::Inputs;
using provision::Manifest;

constexpr size_t kMaxDocumentBytes = 16 << 20;
constexpr size_t kMaxFlashBytes = 16 << 20;

constexpr std::pair<const char*, provision::TablePolicy> kPolicies[] = {
    {"firmware", provision::TablePolicy::kFirmware},
    {"device", provision::TablePolicy::kDevice},
    {"default", provision::TablePolicy::kDefault}};

// All paths of a manifest.
std::vector<std::string*> paths_of(Manifest& manifest) {
  std::vector<std::string*> paths = {&manifest.firmware,           &manifest.bootloader,
                                     &manifest.partition_table,    &manifest.lfs.image,
                                     &manifest.lilotafs.directory, &manifest.lilotafs.image};
  for (std::string& source : manifest.lfs.sources) {
    paths.push_back(&source);
  }
  std::erase_if(paths, [](const std::string* path) { return path->empty(); });
  return paths;
}

// Makes the paths of options, which may lead anywhere, those of a manifest: relative to the one
// folder that all of them are in, which is returned.
std::string settle(Manifest& manifest) {
  const std::vector<std::string*> paths = paths_of(manifest);
  fs::path folder;
  std::error_code error;
  for (std::string* path : paths) {
    const fs::path whole = fs::weakly_canonical(fs::absolute(*path), error);
    *path = whole;
    const fs::path parent = whole.parent_path();
    if (folder.empty()) {
      folder = parent;
      continue;
    }
    const auto same = std::mismatch(folder.begin(), folder.end(), parent.begin(), parent.end());
    fs::path common;
    std::for_each(folder.begin(), same.first, [&](const fs::path& part) { common /= part; });
    folder = common;
  }
  for (std::string* path : paths) {
    *path = fs::path(*path).lexically_relative(folder);
  }
  return folder;
}

// The sector with the partition table in a dump.
std::vector<uint8_t> page_of(const std::string& dump, const provision::ChipKind& chip) {
  constexpr size_t kBytes = provision::kTableBytes;
  const size_t at = dump.size() > kBytes ? chip.table_address : 0;
  const std::string page = dump.substr(std::min(at, dump.size()), kBytes);
  std::vector<uint8_t> bytes(page.begin(), page.end());
  bytes.resize(kBytes, 0xFF);
  return bytes;
}

core::Result<DeviceState, Problem> read_device(const PlanSource& source,
                                               const provision::ChipKind& chip,
                                               const ReadDevice& read) {
  if (source.device.empty()) {
    return read ? read(chip) : DeviceState{};
  }
  const auto content = host::read_input(source.device, kMaxFlashBytes);
  if (!content) {
    return content.error();
  }
  return device_in(content.value(), chip);
}

std::optional<Problem> read_inputs(PlanSource& source) {
  const auto time = host::build_time();
  if (!time) {
    return Problem{host::kUsage, {.id = "build-time", .message = time.error().message}};
  }
  source.build_time = time.value();
  source.has_time = std::getenv("SOURCE_DATE_EPOCH") != nullptr;
  auto inputs = provision::read_inputs(source.manifest, source.folder);
  if (!inputs) {
    return inputs.error();
  }
  source.inputs = std::move(inputs).value();
  return std::nullopt;
}

std::optional<Problem> plan_again(const std::string& text, PlanSource& source) {
  const std::string& file = source.document.path;
  const auto parsed = provision::parse_plan(file, text);
  if (!parsed) {
    return parsed.error();
  }
  source.folder = fs::path(file).parent_path() / parsed.value().folder;
  auto plan = provision::make_again(parsed.value(), source.folder);
  if (!plan) {
    return plan.error();
  }
  source.plan = std::move(plan).value();
  return std::nullopt;
}

std::optional<Problem> take_options(const PlanningOptions& options, PlanSource& source) {
  source.manifest = options.manifest;
  if (const auto problem = provision::check_manifest(source.manifest)) {
    return Problem{host::kUsage, problem->diagnostic};
  }
  source.folder = settle(source.manifest);
  return read_inputs(source);
}

std::optional<Problem> take_document(const PlanningOptions& options, const ReadText& read,
                                     PlanSource& source) {
  if (to_json(options.manifest) != to_json(Manifest{})) {
    return Problem{host::kUsage,
                   {.id = "usage",
                    .message = "a manifest says what goes to the flash, options cannot, too",
                    .hint = "put it into the manifest"}};
  }
  const auto text = read(options.document, kMaxDocumentBytes);
  if (!text) {
    return text.error();
  }
  source.document = {options.document, text.value().size(), host::sha256(text.value())};
  if (provision::is_plan_file(text.value())) {
    return plan_again(text.value(), source);
  }
  auto parsed = provision::parse_manifest(options.document, text.value());
  if (!parsed) {
    return parsed.error();
  }
  source.manifest = std::move(parsed).value();
  source.folder = fs::path(options.document).parent_path();
  return read_inputs(source);
}

}  // namespace

DeviceState device_in(const std::string& dump, const provision::ChipKind& chip) {
  DeviceState device;
  if (!dump.empty()) {
    device.page = page_of(dump, chip);
  }
  if (dump.size() >= partition::kMinFlashBytes) {
    device.flash_bytes = static_cast<uint32_t>(dump.size());
  }
  return device;
}

void add_plan_options(tools::CommandLine& line, PlanningOptions& options) {
  Manifest& manifest = options.manifest;
  line.option("--chip", "CHIP", manifest.chip, "esp8266 (default) or esp32");
  line.option("--firmware", "FILE", manifest.firmware,
              "a firmware, as it is flashed at 0; ESP32: the app, or a merged file");
  line.option("--bootloader", "FILE", manifest.bootloader, "ESP32: for 0x1000");
  line.option("--partition-table", "FILE", manifest.partition_table, "ESP32: for 0x8000");
  line.option("--lua", "FILE", manifest.lfs.sources, "a Lua source for LFS; once for each");
  line.option("--lfs", "FILE", manifest.lfs.image, "an LFS image, of any kind");
  line.option(
      "--lilotafs", "PATH",
      [&manifest](const std::string& path) -> std::optional<std::string> {
        std::error_code error;
        (fs::is_directory(path, error) ? manifest.lilotafs.directory : manifest.lilotafs.image) =
            path;
        return std::nullopt;
      },
      "a folder of files, or an image of them");
  tools::add_size(line, "--flash-size", manifest.flash.bytes,
                  "of the chip; default: as the firmware's header has it");
  line.option("--flash-mode", "MODE", manifest.flash.mode, "qio, qout, dio, dout; likewise");
  line.option("--flash-frequency", "FREQ", manifest.flash.frequency, "40m, ...; likewise");
  tools::add_choice(line, "--partitions", "POLICY", kPolicies, manifest.partitions.policy,
                    "whose partition table holds");
  tools::add_size(line, "--lfs-addr", manifest.partitions.lfs.address, "of the LFS partition");
  tools::add_size(line, "--lfs-size", manifest.partitions.lfs.bytes, "of the LFS partition");
  tools::add_size(line, "--lfs-mapped", manifest.partitions.lfs.mapped,
                  "ESP32: the address the firmware maps LFS to");
  tools::add_size(line, "--fs-addr", manifest.partitions.lilotafs.address,
                  "of the lilotafs partition");
  tools::add_size(line, "--fs-size", manifest.partitions.lilotafs.bytes,
                  "of the lilotafs partition");
  line.option("--device", "FILE", options.device,
              "what the device has: a dump of its flash, or of its partition table's sector");
}

tools::Option add_planning(tools::CommandLine& line, PlanningOptions& options) {
  add_plan_options(line, options);
  return line.argument("MANIFEST", options.document, "a manifest; or options instead");
}

core::Result<PlanSource, Problem> read_source(const PlanningOptions& options,
                                              const ReadText& read) {
  PlanSource source;
  source.device = options.device;
  const auto problem = options.document.empty() ? take_options(options, source)
                                                : take_document(options, read, source);
  if (problem) {
    return *problem;
  }
  return source;
}

core::Result<provision::Plan, Problem> make_plan(const PlanSource& source, const ReadDevice& read) {
  if (source.plan) {
    return *source.plan;
  }
  const auto device = read_device(source, *provision::find_chip(source.manifest.chip), read);
  if (!device) {
    return device.error();
  }
  return provision::make_plan(source.manifest, source.inputs, source.build_time, device.value());
}

core::Result<Planned, Problem> make_plan(const PlanningOptions& options, const ReadDevice& read,
                                         Job& job) {
  const auto source = read_source(
      options, [&](const std::string& path, size_t bytes) { return job.read(path, bytes); });
  if (!source) {
    return source.error();
  }
  auto plan = make_plan(source.value(), read);
  if (!plan) {
    return plan.error();
  }
  return Planned{std::move(plan).value(), source.value().folder};
}

}  // namespace flashstore::nodeflash
