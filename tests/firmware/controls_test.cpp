// Firmware with a part of it missing: the tests of that part would notice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulator.h"
#include "support/files.h"

namespace flashstore::test {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

// Simulators of a Lua in which one guard against writing to flash is missing, each with a program
// that comes past it. On the true simulator the same program runs to its end.
struct Unguarded {
  const char* name;
  const char* simulator;
};

void PrintTo(const Unguarded& control, std::ostream* stream) {
  *stream << control.name;
}

class Store : public ::testing::TestWithParam<Unguarded> {};

TEST_P(Store, IntoFlashStopsTheProgram) {
  const TemporaryFolder folder;
  write_text(folder / "script.lua",
             "print 'started'\n"
             "local f = loadstring 'local quincunx = ... return quincunx'\n"
             "local weak = setmetatable({'quincunx'}, {__mode = 'v'})\n"
             "collectgarbage()\n"
             "print('ended', f(1), weak[1])\n");
  const std::vector<std::string> words = {"--image", suite_image(), "--script",
                                          folder / "script.lua"};
  const ProcessResult guarded = simulate(FLASHSTORE_SIM, words);
  EXPECT_EQ(guarded.out, "started\nended\t1\tquincunx\n");
  EXPECT_EQ(guarded.exit_status, 0);

  const ProcessResult run = simulate(GetParam().simulator, words);
  EXPECT_EQ(run.exit_status, 88);
  EXPECT_THAT(run.err, MatchesRegex("flash: store to 0x402[0-9a-f]{5} from pc 0x[0-9a-f]{8}\n"));
  EXPECT_THAT(run.out, Not(HasSubstr("ended")));
  RecordProperty("trap", run.err);
}

INSTANTIATE_TEST_SUITE_P(Unguarded, Store,
                         ::testing::Values(Unguarded{"MarkInWeakTables", SIM_MARKS_WEAK},
                                           Unguarded{"MarkOfNames", SIM_MARKS_NAMES},
                                           Unguarded{"Fix", SIM_FIXES},
                                           Unguarded{"KeywordNumber", SIM_NUMBERS}),
                         [](const auto& each) { return each.param.name; });

// Without the patch that makes all objects reachable, the same program does not come to its end.
TEST(Unanchored, IsFoundOut) {
  const ProcessResult run =
      simulate(SIM_UNANCHORED, {"--script", SUITE_SOURCES "/allocations_spec.lua"});
  EXPECT_NE(run.exit_status, 0);
}

}  // namespace
}  // namespace flashstore::test
