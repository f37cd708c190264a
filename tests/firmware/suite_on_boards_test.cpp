// Programs on the whole device: an image in lilotafs is reloaded, and what is in it runs from
// flash. On every board, with both types of numbers; and on boards that collect before every
// allocation.
//
// Under stress the emulated board leaves out what takes it minutes, unless FLASHSTORE_DEEP is set.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "device.h"

namespace flashstore::test {
namespace {

const std::string kExpected = FLASHSTORE_TEST_DATA "/lfs/expected";
const std::vector<std::string> kOptions = {"--heap", "4M"};

// The modules of the suite for this type of numbers.
std::map<std::string, std::string> suite_for(const std::string& numbers) {
  std::map<std::string, std::string> modules;
  for (const auto& entry : std::filesystem::directory_iterator(SUITE_SOURCES)) {
    modules[entry.path().stem()] = read_text(entry.path());
  }
  if (numbers == "int") {
    modules.erase("doubles_spec");
    modules["integers"] = read_text(FIRMWARE_TESTS "/integers.lua");
  }
  return modules;
}

class Programs : public ::testing::TestWithParam<Board> {
 protected:
  void reload(const std::string& image) {
    device_.add_file("luac.out", image);
    const ProcessResult run = device_.boot("node.flashreload 'luac.out'\n");
    ASSERT_EQ(run.exit_status, kRestarted) << run.out << run.err;
  }
  std::string output_of(const std::string& program) {
    const ProcessResult run = device_.boot(program + "\n", kOptions);
    EXPECT_EQ(run.exit_status, kEnded) << run.out;
    EXPECT_EQ(run.err, "");
    return printed_by(program, run.out);
  }
  static std::string numbers() { return GetParam().numbers; }
  static bool takes_minutes(const std::string& program) {
    return GetParam().name == std::string("lx106_stress") && program == "overflow_spec" &&
           std::getenv("FLASHSTORE_DEEP") == nullptr;
  }

  Device device_{GetParam()};
};

TEST_P(Programs, SuitePasses) {
  const std::map<std::string, std::string> modules = suite_for(numbers());
  reload(make_image(modules, numbers()));
  int passed = 0;
  for (const auto& [module, source] : modules) {
    if (module.ends_with("_spec") && !takes_minutes(module)) {
      EXPECT_EQ(output_of("node.flashindex '" + module + "'() print 'passed'"), "passed\n")
          << module;
      passed++;
    }
  }
  EXPECT_GE(passed, 11);
  if (modules.contains("integers")) {
    EXPECT_EQ(output_of("node.flashindex 'integers'()"), "integers are well\n");
  }
}

TEST_P(Programs, RecordedImageGivesTheRecordedOutput) {
  device_.add_file("driver.lua", read_text(FIRMWARE_TESTS "/golden_driver.lua"));
  reload(read_text(kExpected + "/img/all-small." + numbers() + ".img"));
  std::string recorded = read_text(kExpected + "/run/all-small." + numbers() + ".lfs.txt");
  if (numbers() == "int") {  // there the line of a division by zero was lost
    const std::string lost = "fold.lua:-1: divide by zero";
    const size_t at = recorded.find(lost);
    ASSERT_NE(at, std::string::npos);
    recorded.replace(at, lost.size(), "fold.lua:9: divide by zero");
  }
  EXPECT_EQ(output_of("dofile 'driver.lua'"), recorded);
}

INSTANTIATE_TEST_SUITE_P(Boards, Programs, ::testing::ValuesIn(boards()), board_name);
INSTANTIATE_TEST_SUITE_P(Stress, Programs, ::testing::ValuesIn(stress_boards()), board_name);

}  // namespace
}  // namespace flashstore::test
