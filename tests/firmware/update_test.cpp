// The application is replaced through its own servers, by a client on the same device; update.py
// does it from outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "device.h"

namespace flashstore::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string application(const std::string& version) {
  std::map<std::string, std::string> modules;
  for (const auto& entry : std::filesystem::directory_iterator(APPLICATION)) {
    if (entry.path().extension() == ".lua") {
      modules[entry.path().stem()] = read_text(entry.path());
    }
  }
  modules.erase("selftest");
  modules.erase("selftest_app");
  modules["hello"] = "return '" + version + "'";
  modules["client"] = read_text(FIRMWARE_TESTS "/update_client.lua");
  return make_image(modules);
}

class Update : public ::testing::TestWithParam<Board> {};

TEST_P(Update, ApplicationReplacesItselfThroughItsServers) {
  Device device(GetParam());
  device.add_file("init.lua", read_text(APPLICATION "/fs/init.lua"));
  device.add_file("luac.out", application("old"));
  device.add_file("new.img", application("new"));
  ASSERT_EQ(device.boot("#wait 3000\n").exit_status, kRestarted);
  const std::vector<std::string> options = {"--heap", "52K"};  // the client is there, too
  const ProcessResult run = device.boot("#wait 3000\nnode.LFS.client()\n#wait 20000\n", options);
  EXPECT_EQ(run.exit_status, kRestarted) << run.out << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("heap: "), HasSubstr("runs: old\r\n"), HasSubstr("226 "),
                             HasSubstr("200 reloading luac.out")));
  const ProcessResult after = device.boot("#wait 3000\n=node.LFS.hello(), LFS._time ~= nil\n");
  EXPECT_EQ(after.exit_status, kEnded) << after.out << after.err;
  EXPECT_THAT(after.out, HasSubstr("\nnew\ttrue\n"));
}

INSTANTIATE_TEST_SUITE_P(Boards, Update, ::testing::ValuesIn(boards("float")), board_name);

}  // namespace
}  // namespace flashstore::test
