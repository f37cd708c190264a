// What an ESP8266 without esptool's stub would do to a plan.
#include <gmock/gmock.h>

#include "board.h"
#include "provision/no_stub.h"

namespace flashstore::test {
namespace {

using provision::Step;
using provision::StepKind;
using ::testing::HasSubstr;

// The reason for a plan of writes: addresses and sectors.
std::string reason(const std::vector<std::pair<uint32_t, uint32_t>>& writes) {
  provision::Plan plan;
  plan.flash_bytes = kFlashBytes;
  for (const auto& [address, sectors] : writes) {
    plan.steps.push_back({StepKind::kWrite, address, sectors * 0x1000, {}, "", "", "", {}});
  }
  return provision::refuse_no_stub(plan).diagnostic.id;
}

TEST(NoStub, OfAnEsp8266ErasesTheNextSectorOfAnOddNumber) {
  for (const uint32_t sectors : {1, 3, 15}) {
    EXPECT_EQ(reason({{0x20000, sectors}}), "no-stub-erases-more") << sectors;
  }
  for (const uint32_t sectors : {2, 4, 16}) {
    EXPECT_EQ(reason({{0x20000, sectors}}), "no-stub-unverified") << sectors;
  }
}

TEST(NoStub, ErasesWhatItIsToldWhereMostOfItIsBehindTheFirstBlock) {
  EXPECT_EQ(reason({{0x2F000, 3}}), "no-stub-unverified");
  EXPECT_EQ(reason({{0x2D000, 5}}), "no-stub-erases-more");
  EXPECT_EQ(reason({{0x2D000, 7}}), "no-stub-unverified");
}

TEST(NoStub, IsOfNoHarmToWhatIsWrittenLaterOn) {
  EXPECT_EQ(reason({{0x20000, 1}, {0x21000, 2}}), "no-stub-unverified");
  EXPECT_EQ(reason({{0x21000, 2}, {0x20000, 1}}), "no-stub-erases-more");
  EXPECT_EQ(reason({{kFlashBytes - 0x1000, 1}}), "no-stub-unverified");
}

TEST(NoStub, WouldTakeTheBodyOfLfsWhenItsHeadIsWritten) {
  Board board;
  board.manifest.firmware = "";
  board.manifest.lilotafs = {};
  board.manifest.flash.bytes = kFlashBytes;
  board.manifest.partitions.policy = provision::TablePolicy::kDevice;
  const auto flash = applied(Board().plan().value());
  board.device = {{flash.begin() + 0x10000, flash.begin() + 0x11000}, kFlashBytes};
  board.write("app/main.lua", "return '" + std::string(0x2000, 'x') + "'");
  const auto problem = provision::refuse_no_stub(board.plan().value());
  EXPECT_EQ(problem.diagnostic.id, "no-stub-erases-more");
  EXPECT_THAT(problem.diagnostic.message, HasSubstr("the LFS image begins to exist"));
}

}  // namespace
}  // namespace flashstore::test
