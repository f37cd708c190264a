// Want of memory: garbage is collected before it is felt, and then it is an error like any other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "simulator.h"
#include "support/files.h"

namespace flashstore::test {
namespace {

using ::testing::HasSubstr;

const std::string kAllocations = SUITE_SOURCES "/allocations_spec.lua";
const std::string kSources = FLASHSTORE_TEST_DATA "/lfs/src";

// Every single request for memory is refused: see allocation_sweep.cpp.
void expect_clean_sweep(const std::vector<std::string>& words) {
  std::vector<std::string> all = {ALLOCATION_SWEEP, kAllocations};
  all.insert(all.end(), words.begin(), words.end());
  ProcessOptions patient;
  patient.seconds = 300;  // sanitized, on a busy machine
  const ProcessResult run = run_process(all, patient);
  EXPECT_EQ(run.exit_status, 0) << run.out << run.err;
  int opening = 0;
  int running = 0;
  ASSERT_EQ(std::sscanf(run.out.c_str(), "%d requests to open, %d to run", &opening, &running), 2)
      << run.out;
  EXPECT_GT(opening, 75);
  EXPECT_GT(running, 1000);
}

TEST(AllocationSweep, AnyRefusalIsALuaErrorAndNothingIsLost) {
  expect_clean_sweep({});
}

TEST(AllocationSweep, AlsoInFlash) {
  expect_clean_sweep({suite_image(), kDefaultBase, "allocations_spec"});
}

TEST(Collection, AnyAllocationMayCollect) {
  const ProcessResult run = simulate(FLASHSTORE_SIM_STRESS, {"--script", kAllocations});
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(run.exit_status, 0);
}

// The count of such a table is under a name that nothing else has made yet.
TEST(Collection, ArgumentsInATableAreAnchored) {
  const TemporaryFolder folder;
  write_text(folder / "script.lua", "local function f(...) print(arg[2]) end f(1, {} and 2)");
  const ProcessResult run = simulate(FLASHSTORE_SIM_STRESS, {"--script", folder / "script.lua"});
  EXPECT_EQ(run.out, "2\n");
  EXPECT_EQ(run.exit_status, 0);
}

TEST(Collection, RecordedSourcesRunInRamAsEver) {
  int compared = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kSources)) {
    SCOPED_TRACE(entry.path().filename());
    const std::vector<std::string> words = {"--script", entry.path(), "7", "arg"};
    const ProcessResult plain = simulate(FLASHSTORE_SIM, words);
    const ProcessResult stress = simulate(FLASHSTORE_SIM_STRESS, words);
    EXPECT_EQ(stress.out, plain.out);
    EXPECT_EQ(stress.err, plain.err);
    EXPECT_EQ(stress.exit_status, plain.exit_status);
    compared++;
  }
  EXPECT_GT(compared, 30);
}

class Garbage : public ::testing::Test {
 protected:
  ProcessResult run(const std::string& source, const std::string& heap) const {
    write_text(folder_ / "script.lua", source);
    return simulate(FLASHSTORE_SIM, {"--heap", heap, "--script", folder_ / "script.lua"});
  }

  TemporaryFolder folder_;
};

TEST_F(Garbage, IsNeverInTheWay) {
  const std::string waste =
      "for i = 1, 300 do\n"
      "  local t = {('x'):rep(i * 8) .. i, {}, function() return i end}\n"
      "  local c = coroutine.wrap(function() coroutine.yield(t) end)\n"
      "  c() loadstring('return ' .. i)()\n"
      "end\n"
      "print 'done'\n";
  for (const std::string before :
       {"", "collectgarbage 'stop'\n", "collectgarbage('setpause', 1000)\n"}) {
    const ProcessResult done = run(before + waste, "40K");
    EXPECT_EQ(done.err, "");
    EXPECT_EQ(done.out, "done\n") << before;
  }
}

TEST_F(Garbage, StaysWhereItIsUntilRoomIsWanted) {
  const ProcessResult done =
      run("collectgarbage 'stop'\n"
          "local weak, made = setmetatable({{}}, {__mode = 'v'}), 0\n"
          "while weak[1] do local s = ('x'):rep(90) .. made made = made + 1 end\n"
          "print(made > 100, collectgarbage 'count' < 47)\n",
          "48K");
  EXPECT_EQ(done.out, "true\ttrue\n") << done.err;
}

TEST_F(Garbage, FinalizersRunWithTheNextStep) {
  const ProcessResult done =
      run("local closed = 0\n"
          "local function open()\n"
          "  local p = newproxy(true)\n"
          "  getmetatable(p).__gc = function() closed = closed + 1 end\n"
          "end\n"
          "open() open()\n"
          "local kept = {}\n"
          "for i = 1, 100 do kept[i % 4] = ('x'):rep(1000) .. i end\n"
          "print(closed)\n",
          "32K");
  EXPECT_EQ(done.out, "2\n") << done.err;
}

}  // namespace
}  // namespace flashstore::test
