// Any bytes as a manifest and as a plan's file: reading ends, and says where what is wrong is; what
// is read is written and read again as the same. And as the partition table of an ESP32, alone or
// merged with a boot loader and an app: what is laid out then lies in the flash, each thing in a
// place of its own.
#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "host/json.h"
#include "provision/plan_file.h"
#include "support/firmware_maker.h"

namespace {

using namespace flashstore;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

void check_problem(const provision::Problem& problem) {
  require(!problem.diagnostic.id.empty() && problem.diagnostic.file == "file");
}

void check_manifest(std::string_view text) {
  const auto read = provision::parse_manifest("file", text);
  if (!read) {
    return check_problem(read.error());
  }
  const std::string written = host::to_text(to_json(read.value()));
  const auto again = provision::parse_manifest("file", written);
  require(again.ok() && host::to_text(to_json(again.value())) == written);
}

void check_layout(const provision::Manifest& manifest, const provision::Inputs& inputs) {
  const auto made = provision::lay_out(manifest, inputs, {});
  if (!made) {
    return require(!made.error().diagnostic.id.empty());
  }
  const provision::Layout& layout = made.value();
  for (const provision::Content& content : layout.firmware) {
    require(content.size() > 0 && content.size() % 4096 == 0 && content.address % 4096 == 0 &&
            uint64_t{content.address} + content.size() <= layout.flash_bytes);
    for (const provision::Part& part : layout.parts) {
      const bool meets = content.address < uint64_t{part.named.address} + part.named.bytes &&
                         part.named.address < uint64_t{content.address} + content.size();
      require(!meets || part.named.name == content.home);
    }
  }
  if (layout.lfs) {
    require(uint64_t{layout.lfs->address} + layout.lfs->bytes <= layout.flash_bytes);
    require(!manifest.lfs.is_given() || layout.lfs->base % 0x10000 == 0);
  }
}

void check_esp32_table(std::string_view table) {
  static const auto kImage = test::esp32_image(test::some_segments());
  const std::string image(kImage.begin(), kImage.end());
  provision::Manifest manifest;
  manifest.chip = "esp32";
  manifest.flash.bytes = 0x400000;
  manifest.firmware = "app";
  manifest.partition_table = "table";
  manifest.bootloader = "boot";
  manifest.lfs.image = "lfs";
  manifest.partitions.lfs.mapped = 0x3F430000;
  manifest.partitions.lfs.bytes = 0x20000;
  provision::Inputs inputs;
  inputs.files = {{"app", image}, {"boot", image}, {"table", std::string(table)}};
  check_layout(manifest, inputs);

  std::string merged = image;
  merged.resize(0x7000, '\xFF');
  merged += table;
  merged.resize(std::max<size_t>(merged.size(), 0xF000), '\xFF');
  inputs.files["app"] = merged + image;
  manifest.partition_table = "";
  manifest.bootloader = "";
  check_layout(manifest, inputs);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_manifest(text);
  const auto plan = provision::parse_plan("file", text);
  if (!plan) {
    check_problem(plan.error());
  }
  require(!plan.ok() || provision::is_plan_file(text));
  check_esp32_table(text);
  return 0;
}
