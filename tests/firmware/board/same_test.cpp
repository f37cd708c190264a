// The simulated and the emulated board run the same scripts with the same results, to the byte of
// heap.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <stdexcept>

#include "support/files.h"
#include "support/process.h"

namespace flashstore::test {
namespace {

using ::testing::HasSubstr;

// What a chip keeps from one start to the next, and what its console said.
class Device {
 public:
  explicit Device(std::string program) : program_(std::move(program)) {}

  ProcessResult type(const std::string& script) {
    return run_process(
        {program_, "--flash", folder_ / "flash", "--report", folder_ / "report", script});
  }

  uint64_t reported(const std::string& wanted) const {
    std::istringstream lines(read_text(folder_ / "report"));
    std::string key;
    for (uint64_t value = 0; lines >> key >> value;) {
      if (key == wanted) {
        return value;
      }
    }
    throw std::runtime_error("the report does not have " + wanted);
  }

 private:
  std::string program_;
  TemporaryFolder folder_;
};

struct Script {
  std::string name;
  bool is_int = false;
};

void PrintTo(const Script& script, std::ostream* stream) {
  *stream << script.name << (script.is_int ? " int" : "");
}

class Boards : public ::testing::TestWithParam<Script> {};

TEST_P(Boards, SayTheSame) {
  const std::string script = std::string(BOARD_SCRIPTS "/") + GetParam().name + ".lua";
  Device simulated(GetParam().is_int ? FLASHSTORE_SIM_INT : FLASHSTORE_SIM);
  Device emulated(GetParam().is_int ? FLASHSTORE_LX106_INT : FLASHSTORE_LX106);
  // The second time, files of the first are there.
  for (int i = 0; i < 2; i++) {
    const ProcessResult expected = simulated.type(script);
    const ProcessResult result = emulated.type(script);
    EXPECT_EQ(result.out, expected.out);
    EXPECT_EQ(result.err, expected.err);
    EXPECT_EQ(result.exit_status, expected.exit_status);
    EXPECT_NE(result.out, "");
    EXPECT_EQ(emulated.reported("flash-sub-word-loads"), 0u);
    EXPECT_EQ(emulated.reported("flash-programs"), simulated.reported("flash-programs"));
    EXPECT_EQ(emulated.reported("flash-erases"), simulated.reported("flash-erases"));
  }
}

INSTANTIATE_TEST_SUITE_P(Scripts, Boards,
                         ::testing::Values(Script{"numbers"}, Script{"memory"}, Script{"files"},
                                           Script{"memory", true}, Script{"files", true}),
                         [](const auto& instance) {
                           return instance.param.name + (instance.param.is_int ? "_int" : "");
                         });

// A chip has little stack: there, and only there, Lua's own limit is not what stops these programs.
TEST(EmulatedBoard, MakesAFullStackALuaErrorAndLives) {
  Device device(FLASHSTORE_LX106);
  const ProcessResult result = device.type(BOARD_SCRIPTS "/nesting.lua");
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, HasSubstr("\nend\tend\tend\t1\n"));
  EXPECT_THAT(result.out, HasSubstr("\nfalse\tC stack overflow\n"));
  EXPECT_THAT(result.out, HasSubstr("chunk has too many syntax levels"));
  EXPECT_THAT(result.out, HasSubstr("\nend\ttrue\n"));
  EXPECT_GT(device.reported("stack-bytes"), 20000u);
}

}  // namespace
}  // namespace flashstore::test
