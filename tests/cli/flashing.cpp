#include "flashing.h"

#include "support/firmware_maker.h"

namespace flashstore::test {

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

}  // namespace flashstore::test
