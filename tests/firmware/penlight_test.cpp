// A library that was not written for chips: Penlight, as Debian packages it, out of flash.
#include <gtest/gtest.h>

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

TEST(Penlight, RunsFromFlashAsFromSource) {
  const ProcessResult source = run_process({"lua5.1", kScript});
  ASSERT_EQ(source.exit_status, 0) << source.err;
  EXPECT_NE(source.out.find("\n26 modules\n"), std::string::npos);

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
    EXPECT_EQ(flash.out, source.out);
  }
}

}  // namespace
}  // namespace flashstore::test
