// The way from a listing of the strings in RAM to an image that holds them.
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "simulator.h"
#include "support/files.h"

namespace flashstore::test {
namespace {

// What is in RAM, a line each, as Lua writes a string in a source.
const char kList[] =
    "local listed = debug.getstrings 'RAM'\n"
    "for i, s in ipairs(listed) do print((('%q'):format(s):gsub('\\n', 'n'))) end\n";

std::set<std::string> lines_of(const std::string& text) {
  std::set<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    lines.insert(line);
  }
  return lines;
}

TEST(DummyStrings, WhatIsListedLeavesRam) {
  const TemporaryFolder folder;
  write_text(folder / "list.lua", kList);
  write_text(folder / "hello.lua", "print 'hello'\n");
  compile_image(folder.path(), {"hello.lua"}, kDefaultBase, folder / "first");
  const auto list = [&](const std::string& image) {
    const ProcessResult run =
        simulate(FLASHSTORE_SIM, {"--image", folder / image, "--script", folder / "list.lua"});
    EXPECT_EQ(run.err, "");
    return run.out;
  };
  const std::set<std::string> before = lines_of(list("first"));
  ASSERT_GT(before.size(), 120u);

  std::string source = "local preload = {\n";
  for (const std::string& line : before) {
    source += line + ",\n";
  }
  write_text(folder / "dummy_strings.lua", source + "}\n");
  compile_image(folder.path(), {"hello.lua", "dummy_strings.lua"}, kDefaultBase, folder / "second");
  const std::set<std::string> after = lines_of(list("second"));
  std::string stayed;
  for (const std::string& line : after) {
    stayed += before.contains(line) ? line + "\n" : "";
  }
  EXPECT_EQ(stayed, "");
  EXPECT_LT(after.size(), 10u);
}

}  // namespace
}  // namespace flashstore::test
