// Programs run out of flash, on the simulator and on one that collects garbage all the time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "simulator.h"
#include "support/files.h"

namespace flashstore::test {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string kExpected = FLASHSTORE_TEST_DATA "/lfs/expected";
const std::string kSources = FLASHSTORE_TEST_DATA "/lfs/src";
const std::string kGoldenDriver = FIRMWARE_TESTS "/golden_driver.lua";

struct Board {
  const char* name;
  const char* simulator;
};

void PrintTo(const Board& board, std::ostream* stream) {
  *stream << board.name;
}

const Board kBoards[] = {{"plain", FLASHSTORE_SIM}, {"stress", FLASHSTORE_SIM_STRESS}};

std::string board_name(const ::testing::TestParamInfo<Board>& info) {
  return info.param.name;
}

// The modules of the recorded run.
std::vector<std::string> recorded_sources() {
  std::ifstream stream(kExpected + "/manifest.json");
  const auto manifest = nlohmann::json::parse(stream);
  for (const auto& build : manifest.at("builds")) {
    if (build.at("name") == "abs-all-small") {
      return build.at("files").get<std::vector<std::string>>();
    }
  }
  throw std::runtime_error("no record of abs-all-small");
}

class Run : public ::testing::TestWithParam<Board> {
 protected:
  ProcessResult simulate(const std::vector<std::string>& words) const {
    return test::simulate(GetParam().simulator, words);
  }
  ProcessResult run_suite_script(const std::string& source) const {
    write_text(folder_ / "script.lua", source);
    return simulate(
        {"--image", suite_image(), "--heap", "64K", "--script", folder_ / "script.lua"});
  }

  TemporaryFolder folder_;
};

TEST_P(Run, RecordedImageGivesTheRecordedOutput) {
  const ProcessResult run = simulate({"--image", kExpected + "/img/abs-all-small.float.abs",
                                      "--base", "0x402a0000", "--script", kGoldenDriver});
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(run.exit_status, 0);
  EXPECT_EQ(run.out, read_text(kExpected + "/run/all-small.float.lfs.txt"));
}

TEST_P(Run, OurImageGivesTheRecordedOutputAtAnyAddress) {
  for (const std::string base : {"0x40210000", "0x40296000"}) {
    compile_image(kSources, recorded_sources(), base, folder_ / "image");
    const ProcessResult run =
        simulate({"--image", folder_ / "image", "--base", base, "--script", kGoldenDriver});
    EXPECT_EQ(run.err, "");
    EXPECT_EQ(run.out, read_text(kExpected + "/run/all-small.float.lfs.txt"));
  }
}

TEST_P(Run, SuitePasses) {
  ASSERT_GE(suite_modules().size(), 9u);
  for (const std::string& module : suite_modules()) {
    SCOPED_TRACE(module);
    const ProcessResult run = simulate({"--image", suite_image(), module});
    EXPECT_EQ(run.err, "");
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(run.exit_status, 0);
  }
}

TEST_P(Run, ArgumentsAreStrings) {
  write_text(folder_ / "args.lua",
             "print(select('#', ...), ...)\nfor _, a in ipairs{...} do print(type(a)) end\n");
  compile_image(folder_.path(), {"args.lua"}, kDefaultBase, folder_ / "image");
  const ProcessResult run = simulate({"--image", folder_ / "image", "args", "1", "--base", ""});
  EXPECT_EQ(run.out, "3\t1\t--base\t\nstring\nstring\nstring\n");
  EXPECT_EQ(run.exit_status, 0);
}

TEST_P(Run, ErrorsHaveATraceback) {
  write_text(folder_ / "fail.lua",
             "local function inner()\n  error('on purpose')\nend\nprint 'started'\ninner()\n");
  compile_image(folder_.path(), {"fail.lua"}, kDefaultBase, folder_ / "image");
  const ProcessResult run = simulate({"--image", folder_ / "image", "fail"});
  EXPECT_EQ(run.exit_status, 1);
  EXPECT_EQ(run.out, "started\n");
  EXPECT_EQ(run.err,
            "flashstore-sim: error: fail.lua:2: on purpose\nstack traceback:\n\t[C]: in function "
            "'error'\n"
            "\tfail.lua:2: in function <fail.lua:1>\n\tfail.lua:5: in main chunk\n\t[C]: ?\n");
}

TEST_P(Run, ErrorsThatAreNotText) {
  EXPECT_THAT(run_suite_script("error({})").err,
              StartsWith("flashstore-sim: error: (error object is a table value)\n"));
  EXPECT_THAT(
      run_suite_script("error(setmetatable({}, {__tostring = function() return 'a voice' end}))")
          .err,
      StartsWith("flashstore-sim: error: a voice\n"));
  EXPECT_THAT(run_suite_script("error(42, 0)").err, StartsWith("flashstore-sim: error: 42\n"));
  EXPECT_THAT(run_suite_script("error()").err,
              StartsWith("flashstore-sim: error: (error object is a nil value)\n"));
  EXPECT_EQ(run_suite_script("debug.traceback = nil; error('x', 0)").exit_status, 1);
  EXPECT_EQ(run_suite_script("x = = 1").err,
            "flashstore-sim: error: script.lua:1: unexpected symbol near '='\n");
}

TEST_P(Run, WithoutAnImage) {
  write_text(folder_ / "script.lua", "print(node.flashindex'x') print(debug.getstrings'ROM')");
  const ProcessResult run = simulate({"--script", folder_ / "script.lua"});
  EXPECT_EQ(run.out, "nil\t1075904512\t65536\nnil\n");
  EXPECT_EQ(run.exit_status, 0);
}

TEST_P(Run, OutOfMemoryIsALuaError) {
  const ProcessResult caught = run_suite_script(
      "local function hoard() local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end "
      "end\n"
      "for i = 1, 3 do print(pcall(hoard)) collectgarbage() end\n"
      "print(node.heap() > 32000, require 'check'.equal ~= nil)\n");
  EXPECT_EQ(
      caught.out,
      "false\tnot enough memory\nfalse\tnot enough memory\nfalse\tnot enough memory\ntrue\ttrue\n");
  EXPECT_EQ(caught.exit_status, 0);
  const ProcessResult uncaught = run_suite_script("local t = {} while true do t = {t, {}} end");
  EXPECT_EQ(uncaught.err, "flashstore-sim: error: not enough memory\n");
  EXPECT_EQ(uncaught.exit_status, 1);
}

// From too little to start to enough to finish: nothing else happens in between.
TEST_P(Run, AnyHeapIsEnoughOrNotEnough) {
  int finished = 0;
  int refused = 0;
  for (int bytes = 512; bytes <= 64 * 1024; bytes += 1021) {
    const ProcessResult run =
        simulate({"--image", suite_image(), "--heap", std::to_string(bytes), "metamethods_spec"});
    if (run.exit_status == 0) {
      finished++;
      continue;
    }
    refused++;
    ASSERT_EQ(run.exit_status, 1) << bytes << ": " << run.err;
    ASSERT_THAT(run.err, HasSubstr("not enough memory")) << bytes;
  }
  EXPECT_GT(finished, 5);
  EXPECT_GT(refused, 5);
}

INSTANTIATE_TEST_SUITE_P(Boards, Run, ::testing::ValuesIn(kBoards), board_name);

// What the device's own compiler makes of the sources is, function by function, what the image
// holds.
TEST(RomCheck, ImageIsWhatLuaCompiles) {
  const TemporaryFolder folder;
  const std::vector<std::string> sources = recorded_sources();
  compile_image(kSources, sources, kDefaultBase, folder / "image");
  std::vector<std::string> words = {ROM_CHECK, folder / "image", kDefaultBase};
  for (const std::string& source : sources) {
    words.push_back(kSources + "/" + source);
  }
  const ProcessResult run = run_process(words);
  EXPECT_EQ(run.exit_status, 0) << run.out;
  EXPECT_THAT(run.out, HasSubstr("39 modules compared"));
}

TEST(RomCheck, SuiteIsWhatLuaCompilesAndStringsInFlashLeaveRam) {
  std::vector<std::string> words = {ROM_CHECK, suite_image(), kDefaultBase};
  for (const std::string& module : suite_modules()) {
    words.push_back(SUITE_SOURCES "/" + module + ".lua");
  }
  const ProcessResult run = run_process(words);
  EXPECT_EQ(run.exit_status, 0) << run.out;
  size_t state = 0;
  size_t libraries = 0;
  size_t state_with_image = 0;
  size_t libraries_with_image = 0;
  ASSERT_EQ(std::sscanf(run.out.c_str(),
                        "without image: state %zu B, with libraries %zu B\nwith image: state %zu "
                        "B, with libraries %zu B",
                        &state, &libraries, &state_with_image, &libraries_with_image),
            4)
      << run.out;
  EXPECT_LT(state_with_image, state * 3 / 4);
  EXPECT_LT(libraries_with_image, libraries);
  RecordProperty("footprint", run.out);
}

}  // namespace
}  // namespace flashstore::test
