// A device that starts in the middle of a plan, simulated as users run it.
#include <gmock/gmock.h>

#include "board.h"
#include "norsim/flash.h"
#include "provision/apply.h"
#include "provision/image_chip.h"
#include "support/process.h"

namespace flashstore::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

provision::Plan plan_of(const std::string& version) {
  Board board;
  board.write("fw.bin", firmware("flashstore-firmware float", version));
  board.write("app/main.lua", "print 'LFS " + version + "'");
  board.write("app/more.lua", "return '" + version + "'");
  board.write("fs/init.lua", "print 'files " + version + "' local f = node.flashindex 'main' " +
                                 "if f then f() end");
  board.manifest.lfs.sources = {"app/main.lua", "app/more.lua"};
  return board.plan().value();
}

std::string boot(const std::vector<uint8_t>& flash) {
  const TemporaryFolder folder;
  write_text(folder / "chip", as_text(flash));
  write_text(folder / "typed", "=1\n");
  const auto result = run_process({FLASHSTORE_SIM, "--flash", folder / "chip", folder / "typed"});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  return result.out;
}

TEST(Boots, FromOneImageOfEverything) {
  const std::string said = boot(applied(plan_of("new")));
  EXPECT_THAT(said, HasSubstr("files new\nLFS new\n"));
  EXPECT_THAT(said, Not(HasSubstr("partition table")));  // nothing is left to be found
}

TEST(Boots, WithAllOldAllNewOrNoImageBetweenSteps) {
  const auto before = applied(plan_of("old"));
  const auto plan = plan_of("new");
  for (size_t stop = 0; stop <= plan.steps.size(); ++stop) {
    norsim::Contents contents(kFlashBytes);
    contents.program(0, before);
    norsim::Flash flash(std::move(contents));
    provision::ImageChip chip(flash);
    provision::Plan part = plan;
    part.steps.resize(stop);
    ASSERT_TRUE(provision::apply(part, chip, {}).ok());
    const std::string said = boot(flash.contents().bytes());
    const bool is_old = stop <= 2;                      // LFS is given up in step 2
    const bool is_new = stop + 1 >= plan.steps.size();  // its header is the last but one
    EXPECT_EQ(said.find("LFS old") != std::string::npos, is_old) << stop << said;
    EXPECT_EQ(said.find("LFS new") != std::string::npos, is_new) << stop << said;
    EXPECT_THAT(said, HasSubstr("> =1\n1\n")) << stop;
  }
}

}  // namespace
}  // namespace flashstore::test
