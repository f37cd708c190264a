// The LFS base and the tables of our own firmware, against what it does when it boots.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/files.h"
#include "support/process.h"

namespace flashstore::test {
namespace {

constexpr size_t kChipBytes = 4 << 20;

class OurFirmware : public testing::Test {
 protected:
  std::string shell(const std::string& command) {
    ProcessOptions options;
    options.directory = folder_.path();
    options.environment = {{"PATH", BIN ":/usr/bin:/bin"}, {"FIRMWARE", LX106_FIRMWARE}};
    const ProcessResult run = run_process({"bash", "-ec", command}, options);
    EXPECT_EQ(run.exit_status, 0) << command << "\n" << run.err;
    return run.out;
  }

  nlohmann::json partitions(const std::string& file) {
    return nlohmann::json::parse(shell("nodeflash table show --json " + file))["partitions"];
  }

  // A chip with a firmware, and at `lfs` an image.
  void write_chip(const std::string& firmware, uint32_t lfs) {
    std::string chip = read_text(firmware);
    const std::string image = read_text(folder_ / "lfs.img");
    chip.resize(lfs, '\xFF');
    chip += image;
    chip.resize(kChipBytes, '\xFF');
    write_text(folder_ / "chip.bin", chip);
  }

  TemporaryFolder folder_;
};

TEST_F(OurFirmware, RunsWhatIsCompiledForItsLfsBase) {
  write_text(folder_ / "hello.lua", "return 'hello from flash'\n");
  write_text(folder_ / "script", "=node.LFS.get('hello')()\n");
  shell("luac.cross -a $(nodeflash lfs-base $FIRMWARE) -o lfs.img hello.lua");
  write_chip(LX106_FIRMWARE, 0xA0000);
  const std::string console = shell("flashstore-lx106 --flash chip.bin script");
  EXPECT_NE(console.find("partition table: first boot"), std::string::npos) << console;
  EXPECT_NE(console.find("at 0x402a0000"), std::string::npos) << console;
  EXPECT_NE(console.find("\nhello from flash"), std::string::npos) << console;
  // The table it wrote is the one we foretold.
  EXPECT_EQ(partitions("chip.bin"), partitions("$FIRMWARE"));
}

TEST_F(OurFirmware, BootsWithATableOfOurs) {
  write_text(folder_ / "hello.lua", "return 'hello from elsewhere'\n");
  write_text(folder_ / "script", "=node.LFS.get('hello')()\n");
  shell(
      "nodeflash table set --lfs-addr 0x60000 --lfs-size 512K --fs-addr 2M --fs-size max "
      "-o firmware.bin $FIRMWARE");
  shell("luac.cross -a $(nodeflash lfs-base firmware.bin) -o lfs.img hello.lua");
  write_chip(folder_ / "firmware.bin", 0x60000);
  const auto before = partitions("chip.bin");
  const std::string console = shell("flashstore-lx106 --flash chip.bin script");
  EXPECT_EQ(console.find("partition table:"), std::string::npos) << console;  // nothing to do
  EXPECT_NE(console.find("at 0x40260000"), std::string::npos) << console;
  EXPECT_NE(console.find("\nhello from elsewhere"), std::string::npos) << console;
  EXPECT_EQ(partitions("chip.bin"), before);
}

}  // namespace
}  // namespace flashstore::test
