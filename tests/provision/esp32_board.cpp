#include "esp32_board.h"

#include <stdexcept>

#include "support/firmware_maker.h"

namespace flashstore::test {
namespace {

using partition::IdfPartition;

IdfPartition made(const std::string& label, uint8_t type, uint8_t subtype, uint32_t address,
                  uint32_t bytes) {
  IdfPartition partition{.type = type, .subtype = subtype, .address = address, .bytes = bytes};
  partition.set_name(label);
  return partition;
}

}  // namespace

std::string esp32_firmware(const std::string& version, uint32_t sectors, uint16_t chip) {
  FirmwareBytes code(sectors * 0x1000 - 0x100);
  for (size_t i = 0; i < code.size(); ++i) {
    code[i] = static_cast<uint8_t>(version[i % version.size()] + i / 0x1000);
  }
  constexpr uint8_t kOneMiB = 0x00;
  return as_text(esp32_image({{0x40080000, code}}, chip, true, 2, kOneMiB));
}

std::vector<IdfPartition> esp32_partitions() {
  return {made("nvs", 1, 2, 0x9000, 0x5000),
          made("otadata", 1, 0, kOtaData, 0x2000),
          made("factory", 0, 0, kFactory, kIdfAppBytes),
          made("ota_0", 0, 0x10, kOta, kIdfAppBytes),
          made("lfs", 0xC2, 1, kIdfLfs, kLfsBytes),
          made("lilotafs", 1, 6, kIdfFiles, kIdfFilesBytes)};
}

std::string esp32_table(std::vector<IdfPartition> partitions, bool with_digest) {
  std::vector<uint8_t> bytes(partition::kIdfMaxBytes);
  if (!partition::write_idf_table(partitions, with_digest, bytes)) {
    throw std::logic_error("no such table");
  }
  return as_text(bytes);
}

Esp32Board::Esp32Board(const std::string& version) {
  manifest.chip = "esp32";
  write("boot.bin", esp32_firmware("boot loader, " + version, 3));
  write("table.bin", esp32_table(esp32_partitions()));
  write("fw.bin", esp32_firmware("app, " + version, 4));
  write("app/main.lua", "return '" + version + "'");
  write("fs/init.lua", "print '" + version + "'");
  manifest.bootloader = "boot.bin";
  manifest.partition_table = "table.bin";
  manifest.numbers = luac::Flavour::kFloat;
  manifest.partitions.lfs.mapped = kMapped;
}

void Esp32Board::move_lfs(uint32_t address) {
  auto partitions = esp32_partitions();
  partitions[4].address = address;
  write("table.bin", esp32_table(partitions));
}

void Esp32Board::plan_for(const std::vector<uint8_t>& flash) {
  device = {{flash.begin() + kIdfTable, flash.begin() + kIdfTable + 0x1000},
            static_cast<uint32_t>(flash.size())};
}

}  // namespace flashstore::test
