// A real client flashes virtual chips over a terminal.
#include <gmock/gmock.h>

#include <filesystem>

#include "support/esptool-js/client.h"
#include "support/files.h"
#include "support/process.h"

namespace flashstore::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr size_t kFlashBytes = 4 << 20;
constexpr size_t kSector = 4096;

// Text deflates, noise does not; both take several blocks.
std::string text(size_t size) {
  std::string bytes;
  for (int line = 0; bytes.size() < size; ++line) {
    bytes += "print('line " + std::to_string(line * line) + "')\n";
  }
  bytes.resize(size);
  return bytes;
}

std::string noise(size_t size) {
  std::string bytes(size, '\0');
  uint32_t state = 1;
  for (char& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

class EsptoolJs : public testing::Test {
 protected:
  void SetUp() override { require_esptool_js(); }

  ProcessResult run(const std::vector<std::string>& arguments,
                    const std::vector<std::string>& faults = {}) {
    std::vector<std::string> words = {VIRTUAL_CHIP, "--chip", chip_,    "--flash", flash_file(),
                                      "--log",      log(),    "--link", port_};
    for (const std::string& fault : faults) {
      words.insert(words.end(), {"--fault", fault});
    }
    words.insert(words.end(), {"--", ESPTOOL_JS, "--chip", chip_, "--port", port_});
    words.insert(words.end(), arguments.begin(), arguments.end());
    return run_process(words);
  }

  std::string put(const std::string& name, const std::string& content) {
    write_text(folder_ / name, content);
    return folder_ / name;
  }

  std::string flash_file() const { return folder_ / "flash"; }
  std::string flash() const { return read_text(flash_file()); }
  std::string log() const { return folder_ / "log"; }
  std::string events() const { return read_text(log()); }

  TemporaryFolder folder_;
  std::string port_ = folder_ / "port";
  std::string chip_ = "esp8266";
};

class EsptoolJsOn : public EsptoolJs, public testing::WithParamInterface<const char*> {
 protected:
  EsptoolJsOn() { chip_ = GetParam(); }
};
INSTANTIATE_TEST_SUITE_P(Chips, EsptoolJsOn, testing::Values("esp8266", "esp32"),
                         [](const auto& chip) { return std::string(chip.param); });

TEST_P(EsptoolJsOn, WritesReadsAndErases) {
  const std::string first = text(70'001);
  const std::string second = noise(20'000);
  ProcessResult done = run({"--baud", "921600", "write_flash", "--flash_size", "keep", "0x10000",
                            put("first", first), "0x40000", put("second", second)});
  EXPECT_EQ(done.exit_status, 0) << done.out << done.err;
  EXPECT_THAT(done.out, HasSubstr("Hash of data verified."));
  EXPECT_THAT(events(), HasSubstr(R"({"event":"baud","rate":921600})"));
  std::string expected(kFlashBytes, '\xFF');
  expected.replace(0x10000, first.size(), first);
  expected.replace(0x40000, second.size(), second);
  EXPECT_TRUE(flash() == expected);

  done = run({"read-flash", "0x10000", "70001", folder_ / "back"});
  EXPECT_EQ(done.exit_status, 0) << done.out << done.err;
  EXPECT_TRUE(read_text(folder_ / "back") == first);

  done = run({"erase-region", "0x11000", "0x2000"});
  EXPECT_EQ(done.exit_status, 0) << done.out << done.err;
  expected.replace(0x11000, 0x2000, std::string(0x2000, '\xFF'));
  EXPECT_TRUE(flash() == expected);
  EXPECT_THAT(events(), Not(HasSubstr("violation")));
}

TEST_P(EsptoolJsOn, TellsEqualFromDifferent) {
  const std::string content = noise(10'001);
  std::string whole(kFlashBytes, '\xFF');
  whole.replace(kSector, content.size(), content);
  write_text(flash_file(), whole);
  EXPECT_EQ(run({"verify_flash", "0x1000", put("content", content)}).exit_status, 0);
  write_text(flash_file(), whole.replace(kSector + 10'000, 1, "?"));
  const ProcessResult done = run({"verify-flash", "0x1000", folder_ / "content"});
  EXPECT_EQ(done.exit_status, 2);
  EXPECT_THAT(done.err, HasSubstr("A fatal error occurred: Verify failed"));
}

TEST_F(EsptoolJs, SurvivesARefusalAndALostReply) {
  const std::string content = noise(70'000);
  const ProcessResult done = run({"write-flash", "0x20000", put("content", content)},
                                 {"nak=FLASH_DEFL_DATA:2", "lose-reply=FLASH_DEFL_DATA:4"});
  EXPECT_EQ(done.exit_status, 0) << done.out << done.err;
  EXPECT_THAT(events(), HasSubstr(R"("fault":"lose-reply")"));
  EXPECT_TRUE(flash().substr(0x20000, content.size()) == content);
}

TEST_F(EsptoolJs, BringsAChipThatLostItsPowerToTheSameEnd) {
  const std::string content = noise(16'000);
  const std::vector<std::string> write = {"write-flash", "0x20000", put("content", content)};
  const ProcessResult cut = run(write, {"cut=9000"});
  EXPECT_EQ(cut.exit_status, 2);
  EXPECT_THAT(cut.err, HasSubstr("A fatal error occurred: "));
  EXPECT_TRUE(flash().substr(0x20000, 9'000) == content.substr(0, 9'000));
  EXPECT_TRUE(flash().substr(0x20000 + 9'000, 2'000) == std::string(2'000, '\xFF'));
  EXPECT_EQ(run(write).exit_status, 0);
  EXPECT_TRUE(flash().substr(0x20000, content.size()) == content);
  EXPECT_THAT(events(), Not(HasSubstr("violation")));
}

TEST_F(EsptoolJs, SeesAByteThatFlashDoesNotKeep) {
  const ProcessResult done =
      run({"write-flash", "0x20000", put("content", noise(5'000))}, {"weak=0x20010"});
  EXPECT_EQ(done.exit_status, 2);
  EXPECT_THAT(done.err, HasSubstr("MD5 of file does not match data in flash!"));
}

TEST_F(EsptoolJs, RefusesAnotherChipAndASilentOne) {
  ProcessResult done = run({"--chip", "esp32", "flash-id"});
  EXPECT_EQ(done.exit_status, 2);
  EXPECT_THAT(done.err, HasSubstr("This chip is ESP8266, not ESP32. Wrong --chip argument?"));
  done = run({"--connect-attempts", "1", "flash-id"}, {"silence=SYNC:1x100"});
  EXPECT_EQ(done.exit_status, 2);
  EXPECT_THAT(done.err, HasSubstr("A fatal error occurred: Failed to connect with the device"));
}

TEST_F(EsptoolJs, TakesTheCommandLinesOfEsptool) {
  const auto command = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), ESPTOOL_JS);
    return run_process(arguments);
  };
  EXPECT_EQ(command({"version"}).out, "esptool.js v0.7.0\n0.7.0\n");
  const std::string file = put("file", "x");
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"fly"},
      {"constructor"},
      {"--port", port_, "write_flash"},
      {"--port", port_, "write_flash", "0x1000"},
      {"--port", port_, "write_flash", "here", file},
      {"--port", port_, "write_flash", "0", folder_ / "missing"},
      {"--port", port_, "write_flash", "--sideways", "0", file},
      {"--port", port_, "read_flash", "0", "16"},
      {"--port", port_, "--baud", "fast", "flash_id"},
      {"--port"},
      {"write_flash", "0", file},
      {"--port", port_, "erase_region", "0x800", "0x1000"},
  };
  for (const std::vector<std::string>& arguments : wrong) {
    const ProcessResult done = command(arguments);
    EXPECT_EQ(done.exit_status, 2) << testing::PrintToString(arguments);
    EXPECT_THAT(done.err, testing::StartsWith("esptool: error: "));
  }
  const ProcessResult done = command({"--port", folder_ / "missing", "flash_id"});
  EXPECT_EQ(done.exit_status, 2);
  EXPECT_THAT(done.err, HasSubstr("A fatal error occurred: Could not open "));
}

}  // namespace
}  // namespace flashstore::test
