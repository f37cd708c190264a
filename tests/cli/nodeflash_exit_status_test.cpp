// Every exit status of nodeflash's plans, by a real invocation, and the reason it gives.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/files.h"
#include "support/process.h"

namespace flashstore::test {
namespace {

struct Invocation {
  int exit_status;
  const char* reason;  // nullptr: none
  std::vector<std::string> words;
};

const std::vector<std::string> kDefault = {"--partitions", "default", "--flash-size", "1M"};

std::vector<std::string> with_default(std::vector<std::string> words) {
  words.insert(words.end(), kDefault.begin(), kDefault.end());
  return words;
}

const std::vector<Invocation> kInvocations{
    {0, nullptr, with_default({"plan", "--lua", "main.lua"})},
    {0, nullptr, with_default({"plan", "--lua", "main.lua", "-o", "new.json"})},
    {0, nullptr, {"plan", "board.json"}},
    {1, "source", with_default({"plan", "--lua", "bad.lua"})},
    {1, "bad-image", with_default({"plan", "--lfs", "main.lua"})},
    {1, "bad-firmware", {"plan", "--firmware", "main.lua"}},
    {1, "past-end", with_default({"plan", "--lua", "main.lua", "--lfs-addr", "1020K"})},
    {1, "unaligned", with_default({"plan", "--lua", "main.lua", "--lfs-size", "1000"})},
    {1, "no-table", {"plan", "--flash-size", "1M", "--lua", "main.lua"}},
    {1, "not-json", {"plan", "main.lua"}},
    {1, "unknown-key", {"plan", "typo.json"}},
    {1, "outside-folder", {"plan", "outside.json"}},
    {2, "usage", {"plan", "--frobnicate"}},
    {2, "usage", {"plan", "--flash-size", "2M", "board.json"}},
    {2, "usage", {"plan", "--partitions", "mine"}},
    {2, "nothing-to-flash", {"plan"}},
    {2, "two-of-one", with_default({"plan", "--lua", "main.lua", "--lfs", "main.lua"})},
    {3, "unreadable", with_default({"plan", "--lua", "nothing.lua"})},
    {3, "unreadable", {"plan", "nothing.json"}},
    {3, "unwritable", with_default({"plan", "--lua", "main.lua", "-o", "none/plan.json"})},

    {0, nullptr, {"apply", "-o", "chip.bin", "board.json"}},
    {0, nullptr, {"apply", "-o", "chip.bin", "plan.json"}},
    {0, nullptr, {"apply", "-o", "chip.hex", "--format", "hex", "plan.json"}},
    {1, "other-flash", {"apply", "-o", "other.bin", "plan.json"}},
    {1, "input-changed", {"apply", "-o", "chip.bin", "stale.json"}},
    {1, "plan-altered", {"apply", "-o", "chip.bin", "altered.json"}},
    {2, "usage", {"apply", "board.json"}},
    {2, "usage", {"apply", "-o", "-", "board.json"}},
    {2, "usage", {"apply", "-o", "board.json", "board.json"}},
    {3, "unreadable", {"apply", "-o", "chip.bin", "nothing.json"}},
    {3, "unwritable", {"apply", "-o", "none/chip.bin", "board.json"}},
};

class ExitStatus : public ::testing::TestWithParam<Invocation> {
 protected:
  void SetUp() override {
    write("main.lua", "return 'old'");
    write("bad.lua", "return return");
    write("board.json", R"({"chip": "esp8266", "flash": {"size": "1M"},
      "lfs": {"sources": ["main.lua"]}, "partitions": {"policy": "default"}})");
    write("typo.json", R"({"chip": "esp8266", "fimware": "x"})");
    write("outside.json", R"({"chip": "esp8266", "firmware": "/etc/passwd"})");
    write("other.bin", std::string(0x200000, '\xFF'));
    run({"plan", "-o", "stale.json", "board.json"});
    write("main.lua", "return 'new'");
    run({"plan", "-o", "plan.json", "board.json"});
    std::string altered = read_text(folder_ / "plan.json");
    altered.replace(altered.find("\"erase\""), 7, "\"write\"");
    write("altered.json", altered);
  }

  void write(const std::string& name, std::string_view content) {
    write_text(folder_ / name, content);
  }

  ProcessResult run(std::vector<std::string> words) {
    words.insert(words.begin(), NODEFLASH);
    ProcessOptions options;
    options.directory = folder_.path();
    return run_process(words, options);
  }

  TemporaryFolder folder_;
};

TEST_P(ExitStatus, IsAsDocumentedWithAReason) {
  const Invocation& wanted = GetParam();
  const ProcessResult plain = run(wanted.words);
  EXPECT_EQ(plain.exit_status, wanted.exit_status) << plain.err;
  EXPECT_EQ(plain.err.find("error: ") != std::string::npos, wanted.exit_status != 0) << plain.err;
  std::vector<std::string> words = wanted.words;
  words.push_back("--json");
  const ProcessResult json = run(words);
  EXPECT_EQ(json.exit_status, wanted.exit_status);
  const auto document = nlohmann::json::parse(json.out);
  EXPECT_EQ(document["ok"], wanted.exit_status == 0);
  const auto reason = wanted.reason == nullptr ? nlohmann::json() : nlohmann::json(wanted.reason);
  EXPECT_EQ(document["reason"], reason);
}

INSTANTIATE_TEST_SUITE_P(Nodeflash, ExitStatus, ::testing::ValuesIn(kInvocations));

}  // namespace
}  // namespace flashstore::test
