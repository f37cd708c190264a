// Bytecode that runs where its file lies in mapped flash.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "device.h"

namespace flashstore::test {
namespace {

using ::testing::HasSubstr;

constexpr size_t kFiles = 0xA0000;  // where LFS is else

const std::string kInPlace = "loadfile 'mod.lc'";
const std::string kInRam = "loadstring(file.getcontents 'mod.lc', '@mod.lc')";

class InPlace : public ::testing::TestWithParam<Board> {
 protected:
  // A device whose files lie in mapped flash.
  void SetUp() override {
    ASSERT_EQ(device_
                  .boot("node.setpartitiontable {lfs_size = 0, spiffs_addr = 0xA0000, spiffs_size "
                        "= 0x40000}\n")
                  .exit_status,
              kRestarted);
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder / "files");
    std::string source = "local M = {n = ...}\n";
    for (int i = 0; i < 60; i++) {
      const std::string n = std::to_string(i);
      source += "function M.f" + n + "(a, b) local s = a * " + n +
                " + b\nfor j = 1, 3 do s = s + j " +
                "end if s < 0 then error 'negative' end return s, 'f" + n + "' end\n";
    }
    write_text(folder / "mod.lua", source + "return M\n");
    ASSERT_EQ(run_process({LUAC_CROSS, "--target", GetParam().numbers, "-o",
                           folder / "files/mod.lc", folder / "mod.lua"})
                  .exit_status,
              0);
    ASSERT_EQ(run_process({LILOTAFS_IMG, "-q", "pack", "-s", "256K", "-o", folder / "img",
                           folder / "files"})
                  .exit_status,
              0);
    std::string content = device_.flash();
    const std::string files = read_text(folder / "img");
    device_.set_flash(content.replace(kFiles, files.size(), files));
  }
  std::string output_of(const std::string& program, const std::string& cache = "--stale-cache") {
    const ProcessResult run = device_.boot(program + "\n", {"--heap", "1M", cache});
    EXPECT_EQ(run.exit_status, kEnded) << run.out << run.err;
    return printed_by(program, run.out);
  }

  Device device_{GetParam()};
};

TEST_P(InPlace, CodeAndLinesStayInTheFileAndTheRestIsTheSame) {
  const std::string use =
      " local m = f('x') print(m.n, m.f7(2, 3), pcall(m.f9, -100, 0)) print((select(2, pcall("
      "m.f1, 1))))";
  const std::string in_ram = output_of("local f = " + kInRam + use);
  EXPECT_THAT(in_ram, HasSubstr("x\t23\tfalse\t"));
  EXPECT_THAT(in_ram, HasSubstr("mod.lua:21: negative"));
  EXPECT_EQ(output_of("local f = " + kInPlace + use), in_ram);
}

TEST_P(InPlace, TakesNearlyHalfTheMemory) {
  const auto taken = [&](const std::string& load) {
    return std::stoul(output_of("collectgarbage() a = node.heap() f = " + load +
                                " collectgarbage() print(a - node.heap())"));
  };
  const unsigned long in_ram = taken(kInRam);
  const unsigned long in_place = taken(kInPlace);
  RecordProperty("in_ram", std::to_string(in_ram));
  RecordProperty("in_place", std::to_string(in_place));
  EXPECT_LT(in_place * 100, in_ram * 60) << in_place << " of " << in_ram;
}

TEST_P(InPlace, FileStaysWhereItIsWhateverIsWritten) {
  EXPECT_EQ(output_of("f = loadfile 'mod.lc' file.remove 'mod.lc' for i = 1, 150 do "
                      "file.putcontents('a', ('\\0'):rep(3000)) end print(f(1).f5(1, 1), "
                      "file.exists 'mod.lc')",
                      "--heap=1M"),  // and the cache shows what is there
            "12\tfalse\n");
}

TEST_P(InPlace, WhatTheDeviceWroteItselfRunsToo) {
  EXPECT_EQ(output_of("s = file.getcontents 'mod.lc' file.putcontents('n', s) G = {} "
                      "function t(l, x) local a = node.heap() G[#G + 1] = l(x) collectgarbage() "
                      "return a - node.heap() end r = t(loadfile, 'n') "
                      "print(G[1](1).f5(1, 1), r * 10 < t(loadstring, s) * 8)"),
            "12\ttrue\n");
}

TEST_P(InPlace, FreezesAndDumpsLikeAnyFunction) {
  EXPECT_EQ(output_of("local f, r = " + kInPlace + ", " + kInRam +
                      " print(loadstring(string.dump(f))(1).f2(1, 1), string.dump(f) == "
                      "string.dump(r), freezer.freeze(f)(1).f3(1, 1))"),
            "9\ttrue\t10\tf3\n");
}

TEST_P(InPlace, KeepsItsLinesWhenItFreezes) {
  EXPECT_EQ(output_of("local f = " + kInPlace +
                      " local z = freezer.freeze(f) print(z ~= f, "
                      "(select(2, pcall(z(1).f9, -100, 0))):match 'mod.lua.*')"),
            "true\tmod.lua:21: negative\n");
}

TEST_P(InPlace, AFewFilesAtATimeAndOthersRunInRam) {
  EXPECT_EQ(output_of("for i = 1, 20 do f = loadfile 'mod.lc' end print(f(1).f5(1, 1)) "
                      "local t = {} for i = 1, 7 do t[i] = file.open 'mod.lc' end print(#t)"),
            "12\tf5\n7\n");
}

INSTANTIATE_TEST_SUITE_P(Boards, InPlace, ::testing::ValuesIn(boards()), board_name);
INSTANTIATE_TEST_SUITE_P(Stress, InPlace, ::testing::ValuesIn(stress_boards()), board_name);

}  // namespace
}  // namespace flashstore::test
