#include "flashing.h"

#include <cstdlib>
#include <sstream>

#include "support/esptool-js/client.h"
#include "support/firmware_maker.h"

namespace flashstore::test {
namespace {

constexpr const char* kEsp32Table = R"({"kind": "esp-idf", "md5": true, "partitions": [
  {"name": "nvs", "type": 1, "subtype": 2, "address": "0x9000", "size": "0x5000"},
  {"name": "otadata", "type": 1, "subtype": 0, "address": "0xe000", "size": "0x2000"},
  {"name": "factory", "type": 0, "subtype": 0, "address": "0x10000", "size": "0x40000"},
  {"name": "ota_0", "type": 0, "subtype": 16, "address": "0x50000", "size": "0x40000"},
  {"name": "lfs", "type": 194, "subtype": 1, "address": "0x90000", "size": "0x10000"},
  {"name": "lilotafs", "type": 1, "subtype": 6, "address": "0xa0000", "size": "0x20000"}]})";

std::string esp32_file(size_t bytes) {
  FirmwareBytes code(bytes);
  for (size_t i = 0; i < bytes; ++i) {
    code[i] = static_cast<uint8_t>(i * i >> 7);
  }
  return as_text(esp32_image({{0x40080000, code}}));
}

}  // namespace

Flashing::Flashing() {
  const FirmwareBytes firmware =
      nodemcu_firmware(factory_words(0x10000, 0xFFFFFFFF, kFirmwareEnd), kFirmwareEnd);
  write_text(folder_ / "fw.bin", as_text(firmware));
  std::string source = "return {\n";
  for (int i = 0; i < 400; ++i) {
    source += "'text " + std::to_string(i * i) + "',\n";
  }
  write_text(folder_ / "main.lua", source + "}\n");
  std::filesystem::create_directory(folder_.path() / "files");
  write_text(folder_ / "files/config", "a=1\n");
  write_text(folder_ / "boot.bin", esp32_file(0x4000));
  write_text(folder_ / "app.bin", esp32_file(0x14000));
  write_text(folder_ / "table.json", kEsp32Table);
  const ProcessResult made = run_process(
      {NODEFLASH, "table", "create", "--from", "table.json", "table.bin"}, surroundings());
  EXPECT_EQ(made.exit_status, 0) << made.err;
}

std::string Flashing::image(const Words& plan, const std::string& flash) const {
  const std::string file = folder_ / "image";
  write_text(file, flash);
  Words words{NODEFLASH, "apply", "-o", file};
  words.insert(words.end(), plan.begin(), plan.end());
  const ProcessResult run = run_process(words, surroundings());
  EXPECT_EQ(run.exit_status, 0) << run.err;
  return read_text(file);
}

void FlashingAChip::SetUp() {
  require_esptool_js();
}

FlashAnswer FlashingAChip::run(const Words& plan, const Words& faults, const Words& more) {
  Words words{VIRTUAL_CHIP, "--chip", chip_,   "--flash",      folder_ / "flash",
              "--link",     port_,    "--log", folder_ / "log"};
  for (const std::string& fault : faults) {
    words.insert(words.end(), {"--fault", fault});
  }
  words.insert(words.end(), {"--", NODEFLASH, "flash", "--json", "--port", port_});
  words.insert(words.end(), more.begin(), more.end());
  words.insert(words.end(), plan.begin(), plan.end());
  return answer(run_process(words, surroundings({{"ESPTOOL", ESPTOOL_JS}})));
}

int FlashingAChip::erases_of(size_t address) const {
  const std::string wanted = Json({{"address", address}, {"event", "erase"}}).dump();
  std::istringstream lines(read_text(folder_ / "log"));
  int count = 0;
  for (std::string line; std::getline(lines, line);) {
    count += Json::parse(line).dump() == wanted ? 1 : 0;
  }
  return count;
}

void FlashingAChip::expect_no_halves(const std::string& flash, const std::string& whole) {
  const auto same = [&](size_t at, size_t bytes) {
    return flash.compare(at, bytes, whole, at, bytes) == 0;
  };
  if (same(kLfs, kSector)) {
    EXPECT_TRUE(same(kLfs, 0x10000)) << "half an LFS image";
  }
  if (same(0, kSector)) {
    EXPECT_TRUE(same(0, kFirmwareEnd - 0x40200000)) << "half a firmware";
  }
}

}  // namespace flashstore::test
