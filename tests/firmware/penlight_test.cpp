// A library that was not written for chips: Penlight, as Debian packages it, out of flash.
#include <gtest/gtest.h>

#include "device.h"
#include "simulator.h"
#include "support/files.h"

namespace flashstore::test {
namespace {

const std::string kPenlight = "/usr/share/lua/5.1/pl";
const std::string kScript = FIRMWARE_TESTS "/penlight.lua";

const std::vector<std::string> kModules = {
    "List",   "Map",           "MultiMap", "OrderedMap", "Set",         "array2d",  "class",
    "compat", "comprehension", "func",     "lexer",      "luabalanced", "operator", "permute",
    "pretty", "seq",           "sip",      "stringio",   "stringx",     "tablex",   "template",
    "text",   "types",         "url",      "utils",      "xml",
};

std::string output_from_source() {
  const ProcessResult source = run_process({"lua5.1", kScript});
  EXPECT_EQ(source.exit_status, 0) << source.err;
  EXPECT_NE(source.out.find("\n26 modules\n"), std::string::npos);
  return source.out;
}

TEST(Penlight, RunsFromFlashAsFromSource) {
  const TemporaryFolder folder;
  std::vector<std::string> files;
  for (const std::string& module : kModules) {
    files.push_back(module + ".lua");
  }
  compile_image(kPenlight, files, kDefaultBase, folder / "image");
  for (const char* simulator : {FLASHSTORE_SIM, FLASHSTORE_SIM_STRESS}) {
    const ProcessResult flash =
        simulate(simulator, {"--image", folder / "image", "--script", kScript});
    EXPECT_EQ(flash.err, "");
    EXPECT_EQ(flash.out, output_from_source());
  }
}

class OnBoard : public ::testing::TestWithParam<Board> {};

TEST_P(OnBoard, RunsAsFromSource) {
  std::map<std::string, std::string> modules;
  for (const std::string& module : kModules) {
    modules[module] = read_text(kPenlight + "/" + module + ".lua");
  }
  Device device(GetParam());
  device.add_file("luac.out", make_image(modules));
  device.add_file("penlight.lua", read_text(kScript));
  ASSERT_EQ(device.boot("node.flashreload 'luac.out'\n").exit_status, kRestarted);
  const std::string program = "dofile 'penlight.lua'";
  const ProcessResult run = device.boot(program + "\n", {"--heap", "4M"});
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(printed_by(program, run.out), output_from_source());
}

INSTANTIATE_TEST_SUITE_P(Penlight, OnBoard, ::testing::ValuesIn(boards("float")), board_name);

}  // namespace
}  // namespace flashstore::test
