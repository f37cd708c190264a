// node.flashreload on the whole device: from a file in lilotafs to a program that runs from flash.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "device.h"

namespace flashstore::test {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr size_t kLfsAddress = 0xA0000;
constexpr size_t kLfsBytes = 256 << 10;

class Reload : public ::testing::TestWithParam<Board> {
 protected:
  static std::string lfs_of(Device& device) {
    return device.flash().substr(kLfsAddress, kLfsBytes);
  }

  // A device that runs from an image of one module, which tells `version`.
  void install(Device& device, const std::string& version) const {
    device.add_file("luac.out", image_of(version));
    ASSERT_EQ(device.boot("node.flashreload 'luac.out'\n").exit_status, kRestarted);
  }
  static std::string image_of(const std::string& version) {
    return make_image({{"main", "return '" + version + "'"}}, GetParam().numbers);
  }
  static std::string version_of(Device& device) {
    const ProcessResult run = device.boot(kAsk);
    EXPECT_EQ(run.exit_status, kEnded) << run.out << run.err;
    const std::string answer = "\nversion: ";  // what was typed does not begin a line
    const size_t at = run.out.find(answer);
    return at == std::string::npos ? run.out
                                   : run.out.substr(at + answer.size(), run.out.find('\n', at + 1) -
                                                                            at - answer.size());
  }
  static constexpr const char* kAsk =
      "local m = node.flashindex 'main' print('version: ' .. (m and m() or 'none'))\n";
};

TEST_P(Reload, ApplicationReloadsRestartsAndRunsFromFlashWithin44KiB) {
  Device device(GetParam());
  device.add_file("luac.out", application_image(GetParam().numbers));
  device.add_file("init.lua", read_text(APPLICATION "/fs/init.lua"));
  const ProcessResult first = device.boot("#wait 3000\n");
  EXPECT_EQ(first.exit_status, kRestarted) << first.out << first.err;
  EXPECT_THAT(first.out, HasSubstr("  Restarting.\n"));
  const ProcessResult second = device.boot(
      "#wait 3000\n=require 'main' == package.loaded.main, #LFS._list\nLFS.hello 'you'\n");
  EXPECT_EQ(second.exit_status, kEnded) << second.err;
  EXPECT_THAT(second.out, HasSubstr("true\t35\n"));
  EXPECT_THAT(second.out, HasSubstr("hello from you\n"));
  EXPECT_THAT(second.out, Not(HasSubstr("stack traceback")));
}

TEST_P(Reload, WithoutFlashTheApplicationDoesNotFit) {
  for (const bool strip : {false, true}) {
    Device device(GetParam());
    const TemporaryFolder folder;
    for (const auto& entry : std::filesystem::directory_iterator(APPLICATION)) {
      if (entry.path().extension() != ".lua" || entry.path().stem() == "_init") {
        continue;
      }
      if (!strip) {
        device.add_file(entry.path().filename(), read_text(entry.path()));
        continue;
      }
      const std::string name = entry.path().stem().string() + ".lc";
      ASSERT_EQ(run_process({LUAC_CROSS, "--target", GetParam().numbers, "-s", "-o", folder / name,
                             entry.path()})
                    .exit_status,
                0);
      device.add_file(name, read_text(folder / name));
    }
    const ProcessResult run =
        device.boot("require 'main'\ncollectgarbage()\n=node.heap() > 15000\n");
    EXPECT_THAT(run.out, HasSubstr("not enough memory")) << strip;
    EXPECT_THAT(run.out, HasSubstr("\ntrue\n")) << "the device lives";
  }
}

TEST_P(Reload, ImageThatIsThereAlreadyErasesNothing) {
  Device device(GetParam());
  install(device, "one");
  const std::string before = lfs_of(device);
  const ProcessResult run = device.boot("=node.flashreload 'luac.out'\n");
  EXPECT_EQ(run.exit_status, kEnded);
  EXPECT_THAT(run.out, HasSubstr("\nthis image is already in flash\n"));
  EXPECT_EQ(device.reported("flash-erases"), 0u);
  EXPECT_EQ(lfs_of(device), before);
  EXPECT_EQ(version_of(device), "one");
}

TEST_P(Reload, RefusedFilesAreNamedAndChangeNothing) {
  Device device(GetParam());
  std::string cut = image_of("two");
  cut.resize(cut.size() - 9);
  std::string flipped = image_of("two");
  flipped[60] ^= 1;
  device.add_file("cut", cut);
  device.add_file("flipped", flipped);
  device.add_file("text", "return 1");
  install(device, "one");
  const std::string before = device.flash();
  const ProcessResult run = device.boot(
      "=node.flashreload 'cut'\n=node.flashreload 'flipped'\n=node.flashreload 'text'\n"
      "=node.flashreload 'absent'\n=pcall(node.flashreload)\n");
  EXPECT_EQ(run.exit_status, kEnded);
  EXPECT_THAT(run.out, HasSubstr("=node.flashreload 'cut'\nnot an image for this device: "));
  EXPECT_THAT(run.out, HasSubstr("=node.flashreload 'flipped'\nnot an image for this device: "));
  EXPECT_THAT(run.out,
              HasSubstr("=node.flashreload 'text'\nnot an image for this device: bad-magic\n"));
  EXPECT_THAT(run.out, HasSubstr("=node.flashreload 'absent'\nLFS image file not found\n"));
  EXPECT_THAT(run.out, HasSubstr("false\tbad argument #1"));
  EXPECT_EQ(device.flash(), before);
}

TEST_P(Reload, WhatIsInTheWayIsNamed) {
  Device device(GetParam());
  install(device, "one");
  const std::string before = device.flash();
  const ProcessResult run = device.boot(
      "t = {} for i = 1, 8 do t[i] = file.open 'luac.out' end\n=node.flashreload 'luac.out'\n"
      "=node.flashreload ''\n=node.flashreload(('x'):rep(300))\n");
  EXPECT_THAT(run.out, HasSubstr("=node.flashreload 'luac.out'\ntoo many open files\n"));
  EXPECT_THAT(run.out, HasSubstr("=node.flashreload ''\nnot a valid name\n"));
  EXPECT_THAT(run.out, HasSubstr("rep(300))\nnot a valid name\n"));
  EXPECT_EQ(device.flash(), before);
}

// Of the whole device, a small image; the sweep of lib/luaflash has all the rest.
TEST_P(Reload, PowerCutAnywhereLeavesTheOldImageTheNewOneOrNoneAndTheReloadGoesOn) {
  Device device(GetParam());
  device.add_file("new", image_of("two"));
  install(device, "one");
  const std::string before = device.flash();
  const std::string reload = "node.flashreload 'new'\n";
  int cuts = 0;
  for (;; cuts++) {
    device.set_flash(before);
    const ProcessResult cut = device.boot(reload, {"--cut-after", std::to_string(cuts)});
    if (cut.exit_status == kRestarted) {
      break;
    }
    ASSERT_EQ(cut.exit_status, kPowerCut) << cuts << cut.out << cut.err;
    const ProcessResult next = device.boot(kAsk);
    ASSERT_EQ(next.exit_status, kEnded) << cuts << next.out << next.err;
    const bool continued = next.out.find("goes on") != std::string::npos;
    EXPECT_THAT(next.out, HasSubstr(continued ? "\nversion: two" : "\nversion: one")) << cuts;
  }
  EXPECT_GT(cuts, 8);
  EXPECT_EQ(version_of(device), "two");
}

TEST_P(Reload, SecondPowerCutLeavesNoHalfImage) {
  Device device(GetParam());
  device.add_file("new", image_of("two"));
  install(device, "one");
  const std::string before = device.flash();
  for (const int first : {3, 5, 8}) {
    device.set_flash(before);
    ASSERT_EQ(
        device.boot("node.flashreload 'new'\n", {"--cut-after", std::to_string(first)}).exit_status,
        kPowerCut);
    const std::string interrupted = device.flash();
    for (int second = 0;; second++) {
      device.set_flash(interrupted);
      if (device.boot("", {"--cut-after", std::to_string(second)}).exit_status == kEnded) {
        break;
      }
      EXPECT_THAT(version_of(device), AnyOf("one", "two", "none")) << first << " " << second;
    }
  }
}

TEST_P(Reload, WithTooLittleMemoryItIsDoneOnTheWayUp) {
  Device device(GetParam());
  device.add_file("luac.out", application_image(GetParam().numbers));
  const ProcessResult run = device.boot("hoard = ('x'):rep(9000)\nnode.flashreload 'luac.out'\n");
  EXPECT_EQ(run.exit_status, kRestarted);
  EXPECT_THAT(run.out, HasSubstr("not enough memory to reload luac.out"));
  const ProcessResult next = device.boot("=#node.LFS.list()\n");
  EXPECT_THAT(next.out, HasSubstr("LFS region updated."));
  EXPECT_THAT(next.out, HasSubstr("\n35\n"));
}

// What it may take at most is asserted where reload_bytes() is tested.
TEST_P(Reload, ImageOf64KiBIsReloadedBesideARunningLua) {
  std::string source;
  for (int i = 0; source.size() < 12600; i++) {
    source += "x" + std::to_string(i) + " = '" + std::to_string(i * 7919) + "'\n";
  }
  const std::string image = make_image({{"main", source}}, GetParam().numbers);
  EXPECT_GT(gunzip(image).size(), 64000u);
  Device device(GetParam());
  device.add_file("luac.out", image);
  const ProcessResult run = device.boot("node.flashreload 'luac.out'\n");
  EXPECT_EQ(run.exit_status, kRestarted) << run.out;
  EXPECT_THAT(run.out, HasSubstr("LFS region updated."));
}

TEST_P(Reload, WithoutAPartitionSaysSo) {
  Device device(GetParam());
  device.add_file("luac.out", image_of("one"));
  EXPECT_EQ(device.boot("node.setpartitiontable{lfs_size=0}\n").exit_status, kRestarted);
  const ProcessResult run =
      device.boot("=node.flashreload 'luac.out'\n=node.flashindex()\n=node.LFS.list()\n");
  EXPECT_THAT(run.out, HasSubstr("\nNo LFS partition allocated\n"));
}

// The emulated board's cache is always stale.
TEST(StaleCache, DoesNotKeepAReloadFromSeeingWhatItWrote) {
  Device device({"sim", FLASHSTORE_SIM});
  device.add_file("luac.out", application_image());
  for (const char* typed : {"node.flashreload 'luac.out'\n", ""}) {
    device.boot(typed, {"--stale-cache"});
  }
  EXPECT_THAT(device.boot("=#node.LFS.list()\n", {"--stale-cache"}).out, HasSubstr("\n35\n"));
}

INSTANTIATE_TEST_SUITE_P(Boards, Reload, ::testing::ValuesIn(boards()), board_name);

}  // namespace
}  // namespace flashstore::test
