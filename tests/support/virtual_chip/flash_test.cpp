// What the loaders do to flash.
#include <gmock/gmock.h>

#include "support/files.h"
#include "support/virtual_chip/line.h"

namespace flashstore::virtual_chip {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::Not;

constexpr uint32_t kSector = SpiFlash::kSectorBytes;
constexpr uint32_t kRomBlock = 0x400;
const ChipOptions kEsp8266;
const ChipOptions kEsp32 = {.kind = Kind::kEsp32};

Bytes pattern(size_t size, uint32_t seed = 1) {
  Bytes bytes(size);
  for (uint8_t& byte : bytes) {
    seed = seed * 1664525 + 1013904223;
    byte = static_cast<uint8_t>(seed >> 24);
  }
  return bytes;
}

Bytes part(const Bytes& bytes, size_t from, size_t size) {
  return {bytes.begin() + static_cast<ptrdiff_t>(from),
          bytes.begin() + static_cast<ptrdiff_t>(from + size)};
}

// A chip where nothing is blank.
void fill(Line& line) {
  const Bytes zeros(kSector, 0);
  for (uint32_t at = 0; at < Line::kFlashBytes; at += kSector) {
    line.flash().program(at, zeros);
  }
}

TEST(RomFlash, Esp8266ErasesTwoSectorsForOne) {
  Line line(kEsp8266);
  fill(line);
  line.sync();
  const Bytes data = pattern(3 * kRomBlock);
  ASSERT_EQ(line.ask(Op::kFlashBegin, {3 * kRomBlock, 3, kRomBlock, 0x10000})->error, 0);
  for (uint32_t i = 0; i < 3; ++i) {
    ASSERT_EQ(line.send_block(Op::kFlashData, i, part(data, i * kRomBlock, kRomBlock))->error, 0);
  }
  EXPECT_EQ(line.flash().read(0x10000, 3 * kRomBlock), data);
  EXPECT_THAT(line.flash().read(0x11000, kSector), Each(0xFF));  // no one asked for it
  EXPECT_THAT(line.flash().read(0x12000, kSector), Each(0));
}

TEST(RomFlash, Esp8266ErasesRightlyBeyondTheBlock) {
  Line line(kEsp8266);
  fill(line);
  line.sync();
  // Of 20 sectors from 0x18000, 8 are up to the end of the block of 64 KiB: clients ask for 12.
  ASSERT_EQ(line.ask(Op::kFlashBegin, {12 * kSector, 80, kRomBlock, 0x18000})->error, 0);
  EXPECT_THAT(line.flash().read(0x18000, 20 * kSector), Each(0xFF));
  EXPECT_THAT(line.flash().read(0x2C000, kSector), Each(0));
}

TEST(RomFlash, Esp32ErasesWhatWasAskedFor) {
  Line line(kEsp32);
  fill(line);
  line.sync();
  ASSERT_EQ(line.ask(Op::kFlashBegin, {kSector + 1, 5, kRomBlock, 0x10000})->error, 0);
  EXPECT_THAT(line.flash().read(0x10000, 2 * kSector), Each(0xFF));
  EXPECT_THAT(line.flash().read(0x12000, kSector), Each(0));
}

TEST(RomFlash, IsReadSlowlyAndItsDigestIsText) {
  Line line(kEsp32);
  line.sync();
  const auto answer = line.ask(Op::kReadFlashSlow, {0x1000, 16});
  EXPECT_EQ(answer->data.size(), 64);
  const auto digest = line.ask(Op::kSpiFlashMd5, {0, 16, 0, 0});
  EXPECT_EQ(test::as_text(digest->data), "8d79cbc9a4ecdde112fc91ba625b13c2");
}

TEST(RomFlash, BreaksARuleWhereMoreIsWrittenThanErased) {
  Line line(kEsp32);
  fill(line);
  line.sync();
  line.ask(Op::kFlashBegin, {kSector, 8, kRomBlock, 0x10000});
  for (uint32_t i = 0; i < 4; ++i) {
    line.send_block(Op::kFlashData, i, pattern(kRomBlock));
  }
  EXPECT_THROW(line.send_block(Op::kFlashData, 4, pattern(kRomBlock)), norsim::Violation);
  EXPECT_THAT(line.events(), HasSubstr(R"({"event":"violation")"));
}

class StubFlash : public testing::TestWithParam<Kind> {
 protected:
  explicit StubFlash(const Faults& faults = {}) : line_({.kind = GetParam(), .faults = faults}) {
    fill(line_);
    line_.start_stub();
  }

  Line line_;
};
INSTANTIATE_TEST_SUITE_P(Chips, StubFlash, testing::Values(Kind::kEsp8266, Kind::kEsp32),
                         [](const auto& chip) {
                           return chip.param == Kind::kEsp8266 ? "Esp8266" : "Esp32";
                         });

TEST_P(StubFlash, IsErasedJustBeforeItIsWritten) {
  const Bytes data = pattern(0x4000);
  ASSERT_EQ(line_.ask(Op::kFlashBegin, {0x5000, 2, 0x4000, 0x20000, 0})->error, 0);
  EXPECT_THAT(line_.flash().read(0x20000, 0x5000), Each(0));
  ASSERT_EQ(line_.send_block(Op::kFlashData, 0, data)->error, 0);
  EXPECT_EQ(line_.flash().read(0x20000, 0x4000), data);
  EXPECT_THAT(line_.flash().read(0x24000, 0x2000), Each(0));
  // Padded by the client; the stub writes no more than it was told before.
  ASSERT_EQ(line_.send_block(Op::kFlashData, 1, data)->error, 0);
  EXPECT_EQ(line_.flash().read(0x24000, 0x1000), part(data, 0, 0x1000));
  EXPECT_THAT(line_.flash().read(0x25000, kSector), Each(0));
  EXPECT_EQ(line_.ask(Op::kFlashEnd, {1})->error, 0);
  EXPECT_EQ(line_.chip().mode(), Mode::kStub);
}

TEST_P(StubFlash, IsWrittenFromADeflatedStream) {
  const Bytes data = pattern(70'000);
  const Bytes stream = deflated(data);
  const auto blocks = static_cast<uint32_t>((stream.size() + 0x3FFF) / 0x4000);
  ASSERT_EQ(line_.ask(Op::kFlashDeflBegin, {70'000, blocks, 0x4000, 0x20000})->error, 0);
  for (uint32_t i = 0; i < blocks; ++i) {
    const size_t from = size_t{i} * 0x4000;
    const Bytes block = part(stream, from, std::min<size_t>(0x4000, stream.size() - from));
    ASSERT_EQ(line_.send_block(Op::kFlashDeflData, i, block)->error, 0);
    if (i == 1) {  // as if the reply had been lost
      ASSERT_EQ(line_.send_block(Op::kFlashDeflData, i, block)->error, 0);
    }
  }
  EXPECT_EQ(line_.ask(Op::kFlashDeflEnd, {1})->error, 0);
  EXPECT_EQ(line_.flash().read(0x20000, 70'000), data);
  const auto digest = line_.ask(Op::kSpiFlashMd5, {0x20000, 70'000, 0, 0});
  const auto expected = line_.flash().md5(0x20000, 70'000);
  EXPECT_EQ(digest->data, Bytes(expected.begin(), expected.end()));
}

TEST_P(StubFlash, RefusesBlocksThatDoNotFit) {
  EXPECT_EQ(line_.send_block(Op::kFlashData, 0, {1})->error, 0xC6);
  EXPECT_EQ(line_.ask(Op::kFlashBegin, {0x1000, 1, 0x1000, Line::kFlashBytes})->error, 0xC4);
  ASSERT_EQ(line_.ask(Op::kFlashBegin, {0x2000, 2, 0x1000, 0})->error, 0);
  EXPECT_EQ(line_.send_block(Op::kFlashData, 1, pattern(0x1000))->error, 0xC3);
  EXPECT_EQ(line_.send_block(Op::kFlashData, 0, pattern(0x1001))->error, 0xC2);
  EXPECT_EQ(line_.send_block(Op::kFlashData, 0, pattern(0x1000))->error, 0);
  EXPECT_EQ(line_.ask(Op::kFlashEnd, {1})->error, 0xC8);
}

TEST_P(StubFlash, TellsOfABadStreamWithTheNextReply) {
  ASSERT_EQ(line_.ask(Op::kFlashDeflBegin, {16, 2, 0x1000, 0})->error, 0);
  EXPECT_EQ(line_.send_block(Op::kFlashDeflData, 0, {1, 2, 3, 4})->error, 0);
  EXPECT_EQ(line_.send_block(Op::kFlashDeflData, 1, {1})->error, 0xC7);
  ASSERT_EQ(line_.ask(Op::kFlashDeflBegin, {16, 2, 0x1000, 0})->error, 0);
  EXPECT_EQ(line_.send_block(Op::kFlashDeflData, 0, deflated(pattern(17)))->error, 0);
  EXPECT_EQ(line_.ask(Op::kFlashDeflEnd, {1})->error, 0xC9);
}

TEST_P(StubFlash, IsReadAsFastAsTheClientConfirms) {
  auto frames = line_.request(Op::kReadFlash, words_to_bytes({0x1000, 0x2800, 0x1000, 2}));
  ASSERT_EQ(frames.size(), 3);  // the reply, and two blocks
  EXPECT_EQ(frames[1], Bytes(0x1000, 0));
  frames = line_.exchange(words_to_bytes({0x1000}));
  ASSERT_EQ(frames.size(), 1);
  EXPECT_EQ(frames[0].size(), 0x800);
  EXPECT_TRUE(line_.exchange(words_to_bytes({0x2000})).empty());
  frames = line_.exchange(words_to_bytes({0x2800}));
  const auto digest = line_.flash().md5(0x1000, 0x2800);
  EXPECT_THAT(frames, testing::ElementsAre(Bytes(digest.begin(), digest.end())));
  EXPECT_TRUE(line_.ask(Op::kReadReg, {0x40001000}));
}

TEST_P(StubFlash, IsErasedInWholeSectors) {
  EXPECT_EQ(line_.ask(Op::kEraseRegion, {0x1000, 0x800})->error, 0xC4);
  EXPECT_EQ(line_.ask(Op::kEraseRegion, {0x1000, 0x2000})->error, 0);
  EXPECT_THAT(line_.flash().read(0x1000, 0x2000), Each(0xFF));
  EXPECT_THAT(line_.flash().read(0x3000, 0x1000), Each(0));
  EXPECT_EQ(line_.ask(Op::kEraseFlash, {})->error, 0);
  EXPECT_THAT(line_.flash().read(0, Line::kFlashBytes), Each(0xFF));
}

TEST(FlashFile, HoldsEveryOperationAndIsTheChipAgain) {
  const test::TemporaryFolder folder;
  const std::string file = folder / "flash";
  const Bytes data = pattern(100);
  {
    Line line(kEsp8266, file);
    line.flash().program(0x1003, data);
    EXPECT_EQ(test::read_text(file).substr(0x1003, 100), test::as_text(data));
    line.flash().erase_sector(0x1000);
    EXPECT_EQ(test::read_text(file), std::string(Line::kFlashBytes, '\xFF'));
    line.flash().program(0x1000, data);
  }
  Line line(kEsp8266, file);
  EXPECT_EQ(line.flash().read(0x1000, 100), data);
  test::write_text(folder / "odd", "123");
  EXPECT_THROW(Line(kEsp8266, folder / "odd"), std::runtime_error);
}

}  // namespace
}  // namespace flashstore::virtual_chip
