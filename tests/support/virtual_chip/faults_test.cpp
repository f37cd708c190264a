// Faults come when they should, once, and power brings the chip back.
#include <gmock/gmock.h>

#include <stdexcept>

#include "support/virtual_chip/line.h"

namespace flashstore::virtual_chip {
namespace {

using testing::Each;
using testing::HasSubstr;

constexpr uint32_t kSector = SpiFlash::kSectorBytes;

ChipOptions chip_with(const std::vector<std::string>& faults) {
  ChipOptions options;
  for (const std::string& fault : faults) {
    add_fault(options.faults, fault);
  }
  return options;
}

bool erases(Line& line) {
  const auto answer = line.ask(Op::kEraseRegion, {0, kSector});
  return answer && answer->error == 0;
}

TEST(Fault, RefusesOneCommandOfManyAndDoesNotCarryItOut) {
  Line line(chip_with({"nak=ERASE_REGION:2x2"}));
  line.start_stub();
  EXPECT_TRUE(erases(line));
  line.flash().program(0, Bytes(16, 0));
  EXPECT_EQ(line.ask(Op::kEraseRegion, {0, kSector})->error, 0xC3);
  EXPECT_FALSE(erases(line));
  EXPECT_THAT(line.flash().read(0, 16), Each(0));
  EXPECT_TRUE(erases(line));
  EXPECT_THAT(line.events(), HasSubstr(R"({"event":"fault","fault":"nak","op":"ERASE_REGION"})"));
}

TEST(Fault, LosesAReplyOfACommandThatIsCarriedOut) {
  Line line(chip_with({"lose-reply=ERASE_REGION:1"}));
  line.start_stub();
  line.flash().program(0, Bytes(16, 0));
  EXPECT_FALSE(line.ask(Op::kEraseRegion, {0, kSector}));
  EXPECT_THAT(line.flash().read(0, 16), Each(0xFF));
  EXPECT_TRUE(erases(line));
}

TEST(Fault, SilencesTheChipUntilItsPowerComesBack) {
  Line line(chip_with({"silence=SYNC:2"}));
  EXPECT_EQ(line.sync().size(), 8);
  EXPECT_TRUE(line.sync().empty());
  EXPECT_TRUE(line.sync().empty());
  line.chip().power_cycle();
  EXPECT_EQ(line.sync().size(), 8);
}

TEST(Fault, CutsThePowerBeforeAProgrammedByte) {
  Line line(chip_with({"cut=5000"}));
  line.start_stub();
  ASSERT_EQ(line.ask(Op::kFlashBegin, {0x3000, 3, 0x1000, 0})->error, 0);
  const Bytes zeros(0x1000, 0);
  EXPECT_TRUE(line.send_block(Op::kFlashData, 0, zeros));
  EXPECT_TRUE(line.send_block(Op::kFlashData, 1, zeros));  // confirmed, then written
  EXPECT_FALSE(line.send_block(Op::kFlashData, 2, zeros));
  EXPECT_TRUE(line.sync().empty());
  line.chip().power_cycle();
  EXPECT_EQ(line.sync().size(), 8);
  EXPECT_THAT(line.flash().read(0, 5000), Each(0));
  EXPECT_THAT(line.flash().read(5000, 0x3000 - 5000), Each(0xFF));
  line.start_stub();
  ASSERT_EQ(line.ask(Op::kFlashBegin, {0x3000, 3, 0x1000, 0})->error, 0);
  for (uint32_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(line.send_block(Op::kFlashData, i, zeros));
  }
  EXPECT_THAT(line.flash().read(0, 0x3000), Each(0));
}

TEST(Fault, CutsThePowerHalfWayThroughAnErase) {
  Line line(chip_with({"cut-erase=1"}));
  line.start_stub();
  line.flash().program(0, Bytes(2 * kSector, 0));
  EXPECT_FALSE(line.ask(Op::kEraseRegion, {0, 3 * kSector}));
  line.chip().power_cycle();
  EXPECT_THAT(line.flash().read(0, kSector + kSector / 2), Each(0xFF));
  EXPECT_THAT(line.flash().read(kSector + kSector / 2, kSector / 2), Each(0));
}

TEST(Fault, ReadsOneBitWrong) {
  Line line(chip_with({"weak=0x1001"}));
  EXPECT_THAT(line.flash().read(0x1000, 3), testing::ElementsAre(0xFF, 0xFE, 0xFF));
  EXPECT_THAT(line.flash().read(0x1002, 3), Each(0xFF));
}

TEST(Fault, TurnsAFastLineIntoNoise) {
  Line line(chip_with({"max-baud=460800"}));
  line.start_stub();
  line.ask(Op::kChangeBaudrate, {921'600, 115'200});
  line.set_baud(921'600);
  EXPECT_FALSE(erases(line));
  line.chip().power_cycle();
  line.set_baud(115'200);
  line.start_stub();
  line.ask(Op::kChangeBaudrate, {460'800, 115'200});
  line.set_baud(460'800);
  EXPECT_TRUE(erases(line));
}

TEST(Fault, IsNamedAsItIsWritten) {
  for (const char* text : {"", "nak", "nak=", "nak=FLASH_DATA", "nak=FLASH_DATA:", "nak=NOTHING:1",
                           "nak=SYNC:1x", "cut", "cut=-1", "weak=here", "flood=1"}) {
    Faults faults;
    EXPECT_THROW(add_fault(faults, text), std::invalid_argument) << text;
  }
}

}  // namespace
}  // namespace flashstore::virtual_chip
