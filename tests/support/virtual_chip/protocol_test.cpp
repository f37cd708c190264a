// The protocol as Espressif's chips speak it, byte for byte.
#include <gmock/gmock.h>

#include "support/virtual_chip/line.h"

namespace flashstore::virtual_chip {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const ChipOptions kEsp8266;
const ChipOptions kEsp32 = {.kind = Kind::kEsp32, .mac = {0x24, 0x0A, 0xC4, 0x01, 0x02, 0x03}};

std::string text(const Bytes& bytes) {
  return {bytes.begin(), bytes.end()};
}

TEST(Slip, EscapesItsTwoBytes) {
  Bytes line;
  append_frame(line, Bytes{0xC0, 1, 0xDB});
  EXPECT_THAT(line, ElementsAre(0xC0, 0xDB, 0xDC, 1, 0xDB, 0xDD, 0xC0));
  SlipDecoder decoder;
  std::optional<Bytes> frame;
  for (const uint8_t byte : line) {
    ASSERT_FALSE(frame);
    frame = decoder.push(byte);
  }
  EXPECT_THAT(frame, testing::Optional(ElementsAre(0xC0, 1, 0xDB)));
}

TEST(Slip, SkipsNoiseAndBrokenFrames) {
  SlipDecoder decoder;
  std::vector<Bytes> frames;
  for (const uint8_t byte : {0x55, 0xC0, 1, 0xDB, 1, 2, 0xC0, 0xC0, 3, 0xC0}) {
    if (auto frame = decoder.push(static_cast<uint8_t>(byte))) {
      frames.push_back(*frame);
    }
  }
  EXPECT_THAT(frames, ElementsAre(Bytes{3}));
}

TEST(Rom, AnswersAsOnRealChips) {
  Line esp8266(kEsp8266);
  esp8266.sync();
  EXPECT_THAT(esp8266.request(Op::kReadReg, words_to_bytes({0x40001000})),
              ElementsAre(Bytes{0x01, 0x0A, 0x02, 0x00, 0x01, 0xC1, 0xF0, 0xFF, 0x00, 0x00}));
  Line esp32(kEsp32);
  esp32.sync();
  EXPECT_THAT(
      esp32.request(Op::kReadReg, words_to_bytes({0x40001000})),
      ElementsAre(Bytes{0x01, 0x0A, 0x04, 0x00, 0x83, 0x1D, 0xF0, 0x00, 0x00, 0x00, 0x00, 0x00}));
}

TEST(Rom, AnswersSyncEightTimesAndNotAsAStub) {
  Line line(kEsp8266);
  const auto frames = line.sync();
  ASSERT_EQ(frames.size(), 8);
  EXPECT_NE(core::load_word(frames[7], 4), 0);
}

TEST(Rom, SaysNoEightTimesToWhatItDoesNotKnow) {
  Line line(kEsp8266);
  line.sync();
  const auto frames = line.request(static_cast<Op>(0x14), {});
  ASSERT_EQ(frames.size(), 8);
  EXPECT_THAT(frames[0], ElementsAre(1, 0, 2, 0, 0, 0, 0, 0, 1, 5));
  EXPECT_EQ(line.ask(Op::kSpiFlashMd5, {0, 16, 0, 0})->error, 5);
}

TEST(Rom, RefusesWrongChecksumsAndLengths) {
  Line line(kEsp32);
  line.sync();
  EXPECT_EQ(line.ask(Op::kMemBegin, {4, 1, 4})->error, 0x05);
  const Bytes data = words_to_bytes({4, 0, 0, 0, 0x01020304});
  EXPECT_EQ(line.request(Op::kMemData, data, 0xEE)[0][9], 0x07);
  EXPECT_EQ(line.request(Op::kMemData, data, 0xEF ^ 4)[0][9], 0);
}

TEST(Rom, GoesOverToTheStub) {
  Line line(kEsp32);
  line.sync();
  EXPECT_EQ(line.ask(Op::kMemBegin, {4, 1, 4, 0x4010E000})->error, 0);
  const auto frames = line.request(Op::kMemEnd, words_to_bytes({0, 0x4010E000}));
  ASSERT_EQ(frames.size(), 2);
  EXPECT_EQ(frames[0].size(), 8 + 4);  // still the ROM
  EXPECT_EQ(text(frames[1]), "OHAI");
  EXPECT_EQ(line.chip().mode(), Mode::kStub);
  const auto again = line.sync();
  ASSERT_EQ(again.size(), 8);
  EXPECT_EQ(core::load_word(again[0], 4), 0);
  EXPECT_EQ(line.request(static_cast<Op>(0x14), {})[0],
            (Bytes{1, 0x14, 2, 0, 0, 0, 0, 0, 1, 0xFF}));
}

TEST(Registers, HoldTheMac) {
  Line esp8266({.mac = {0x5C, 0xCF, 0x7F, 0x12, 0x34, 0x56}});
  esp8266.sync();
  EXPECT_EQ(esp8266.ask(Op::kReadReg, {0x3FF0005C})->value, 0x5CCF7F);
  EXPECT_EQ(esp8266.ask(Op::kReadReg, {0x3FF00054})->value & 0xFFFF, 0x1234);
  EXPECT_EQ(esp8266.ask(Op::kReadReg, {0x3FF00050})->value >> 24, 0x56);
  Line esp32(kEsp32);
  esp32.sync();
  EXPECT_EQ(esp32.ask(Op::kReadReg, {0x3FF5A008})->value, 0x240A);
  EXPECT_EQ(esp32.ask(Op::kReadReg, {0x3FF5A004})->value, 0xC4010203);
  EXPECT_EQ(esp32.ask(Op::kReadReg, {0x6001A004})->value, 0xC4010203);  // as older clients ask
}

TEST(Registers, ReachTheFlashChip) {
  struct Spi {
    ChipOptions chip;
    uint32_t base;
    uint32_t data;
  };
  for (const Spi& spi : {Spi{kEsp8266, 0x60000200, 0x40}, Spi{kEsp32, 0x3FF42000, 0x80}}) {
    Line line(spi.chip);
    line.sync();
    // Several registers in one request, each under its mask.
    ASSERT_EQ(line.ask(Op::kWriteReg, {spi.base + 0x24, 0x7000009F, ~0U, 0,  //
                                       spi.base, 1 << 18, 1 << 18, 0})
                  ->error,
              0);
    EXPECT_EQ(line.ask(Op::kReadReg, {spi.base})->value, 0);                    // done
    EXPECT_EQ(line.ask(Op::kReadReg, {spi.base + spi.data})->value, 0x1440EF);  // 1 MiB
    line.ask(Op::kWriteReg, {spi.base + 0x24, 0x7000005A, ~0U, 0, spi.base, 1 << 18, ~0U, 0});
    EXPECT_EQ(line.ask(Op::kReadReg, {spi.base + spi.data})->value, 0x50444653);  // "SFDP"
    line.ask(Op::kWriteReg, {spi.base + 4, 17 << 8, ~0U, 0, spi.base, 1 << 18, ~0U, 0});
    EXPECT_EQ(line.ask(Op::kReadReg, {spi.base + spi.data})->value, 0xC0040100);
  }
}

TEST(Baud, ChangesAfterTheReply) {
  Line line(kEsp32);
  line.start_stub();
  EXPECT_EQ(line.ask(Op::kChangeBaudrate, {921'600, 115'200})->error, 0);
  EXPECT_FALSE(line.ask(Op::kReadReg, {0x40001000}));
  EXPECT_THAT(line.events(),
              HasSubstr(R"({"event":"noise","bytes":14,"line":115200,"chip":921600})"));
  line.set_baud(921'600);
  EXPECT_EQ(line.ask(Op::kReadReg, {0x40001000})->value, 0x00F01D83);
  line.set_baud(930'000);  // within what a UART bears
  EXPECT_TRUE(line.ask(Op::kReadReg, {0x40001000}));
}

TEST(Baud, IsFoundByTheRomAtTheFirstSync) {
  Line line(kEsp8266);
  line.set_baud(57'600);
  EXPECT_EQ(line.sync().size(), 8);
  EXPECT_EQ(line.ask(Op::kReadReg, {0x60000014})->value, 52'000'000 / 57'600);
  line.set_baud(115'200);
  EXPECT_EQ(line.sync().size(), 0);
  line.chip().power_cycle();
  EXPECT_EQ(line.sync().size(), 8);
}

TEST(App, GetsWhatIsNoSyncAndEndsWithOne) {
  Line line({.has_app = true});
  EXPECT_EQ(line.chip().mode(), Mode::kApp);
  const std::string typed = "=1 + 1\r";
  line.chip().receive({reinterpret_cast<const uint8_t*>(typed.data()), typed.size()}, 115'200);
  EXPECT_EQ(text(line.chip().take_app_input()), typed);
  EXPECT_EQ(line.sync().size(), 8);
  EXPECT_EQ(line.chip().mode(), Mode::kRom);
  line.start_stub();
  line.ask(Op::kFlashBegin, {0, 0, 0x4000, 0});
  EXPECT_EQ(line.ask(Op::kFlashEnd, {0})->error, 0);
  EXPECT_EQ(line.chip().mode(), Mode::kRom);  // the boot pin is still low
  EXPECT_EQ(line.sync().size(), 8);
  line.start_stub();
  EXPECT_TRUE(line.request(Op::kRunUserCode, {}).empty());
  EXPECT_EQ(line.chip().mode(), Mode::kApp);
}

TEST(App, IsNotThereOnAChipWhoseBootPinIsLow) {
  Line line(kEsp8266);
  line.start_stub();
  EXPECT_TRUE(line.request(Op::kRunUserCode, {}).empty());
  EXPECT_EQ(line.chip().mode(), Mode::kRom);
  EXPECT_EQ(line.sync().size(), 8);
}

}  // namespace
}  // namespace flashstore::virtual_chip
