// The emulated board, through a firmware that does to it what the console says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "board/exit_status.h"
#include "partition/firmware_format.h"
#include "partition/format.h"
#include "support/files.h"
#include "support/process.h"

namespace flashstore::test {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

constexpr int kAfterFault = board::kReset + 2;
constexpr int kAfterRestart = board::kReset + 4;

class Board : public ::testing::Test {
 protected:
  // From power or reset until the console has no more to say, or the board ends.
  ProcessResult run(const std::string& commands, const std::vector<std::string>& options = {}) {
    std::vector<std::string> words = {BOARD_SELF_TEST, "--flash", flash(), "--report", report()};
    words.insert(words.end(), options.begin(), options.end());
    return run_process(words, {"", {}, commands});
  }

  std::string flash() const { return folder_ / "flash"; }
  std::string report() const { return folder_ / "report"; }

  std::map<std::string, uint64_t> counts() const {
    std::map<std::string, uint64_t> counts;
    std::istringstream lines(read_text(report()));
    for (std::string key; lines >> key;) {
      lines >> counts[key];
    }
    return counts;
  }

  TemporaryFolder folder_;
};

TEST_F(Board, EchoesAndEndsWithItsInput) {
  const ProcessResult result = run("echo hello\necho world\n");
  EXPECT_EQ(result.out, "hello\nworld\n");
  EXPECT_EQ(result.exit_status, board::kOk);
  EXPECT_EQ(result.err, "");
}

TEST_F(Board, TakesAScriptForTheConsole) {
  write_text(folder_ / "script", "echo scripted\n");
  EXPECT_EQ(run("echo typed\n", {folder_ / "script"}).out, "scripted\n");
}

TEST_F(Board, CallsTheEndsOfAllAreasRight) {
  EXPECT_EQ(run("size\n").out, "4194304\n");
  EXPECT_EQ(run("read 0x3ffffc 4\nread 0x3ffffd 4\nprogram 0x3fffff 0000\nerase 0x400000\n").out,
            "ffffffff\nrefused\nrefused\nrefused\n");
  write_text(folder_ / "small", "");
  const ProcessResult result = run_process(
      {BOARD_SELF_TEST, "--flash", folder_ / "small", "--size", "1M"}, {"", {}, "size\n"});
  EXPECT_EQ(result.out, "1048576\n");
}

TEST_F(Board, ProgramsByClearingBitsAndErasesSectors) {
  EXPECT_EQ(run("program 0x200001 f0a5\nread 0x200000 4\nprogram 0x200001 0000\nread 0x200000 4\n"
                "erase 0x200000\nread 0x200000 4\n")
                .out,
            "done\nfff0a5ff\ndone\nff0000ff\ndone\nffffffff\n");
}

TEST_F(Board, ProgramsAndErasesAllThatIsAskedForAndNothingElse) {
  EXPECT_EQ(run("program-pattern 0x1ffffd 1000\nread 0x2003e4 4\nread 0x1ffffb 4\nerase 0x200000\n"
                "read 0x200000 1\nread 0x200fff 1\nread 0x1ffffd 3\n")
                .out,
            "done\n54ffffff\nffff0007\ndone\nff\nff\n00070e\n");
}

TEST_F(Board, KeepsFlashInItsFile) {
  run("program 0x80004 01020304\nprogram 0x300000 0506\n");
  EXPECT_EQ(run("read 0x80004 4\nmapped 0x80004 4\nread 0x300000 2\n").out,
            "01020304\n01020304\n0506\n");
  const std::string content = read_text(flash());
  EXPECT_EQ(content.substr(0x80003, 6), "\xff\x01\x02\x03\x04\xff");
  EXPECT_EQ(content.size(), size_t{4} << 20);
}

TEST_F(Board, ShowsWhatWasProgrammedOnlyAfterInvalidation) {
  EXPECT_EQ(
      run("program 0x80000 00112233\nmapped 0x80000 4\ninvalidate 0x80000 4\nmapped 0x80000 4\n"
          "erase 0x80000\nmapped 0x80000 4\ninvalidate 0x80000 4096\nmapped 0x80000 4\n")
          .out,
      "done\nffffffff\n00112233\ndone\n00112233\nffffffff\n");
}

TEST_F(Board, StopsWhereFlashRulesAreBroken) {
  ProcessResult result = run("program 0x200000 00\nprogram 0x1fffff ff01\n");
  EXPECT_EQ(result.exit_status, board::kFlashRule);
  EXPECT_EQ(result.out, "done\nflash: programs a bit from 0 to 1 at 0x00200000\n");
  result = run("erase 0x200010\n");
  EXPECT_EQ(result.exit_status, board::kFlashRule);
  EXPECT_EQ(result.out, "flash: erases from the middle of a sector at 0x00200010\n");
}

TEST_F(Board, RetainsOneWordOverAResetAndNotWithoutPower) {
  EXPECT_EQ(run("retained\nretain 4711\nreset 4\n").out, "0, reason 0\n");
  EXPECT_EQ(run("retained\nreset 3\n").exit_status, board::kReset + 3);
  EXPECT_EQ(run("retained\n").out, "4711, reason 3\n");
  EXPECT_EQ(run("retained\n").out, "0, reason 0\n");
  EXPECT_EQ(run("retain 5\nreset 4\n").exit_status, kAfterRestart);
  EXPECT_EQ(run("retain 6\nreset 0\n").exit_status, board::kReset);
  EXPECT_EQ(run("retained\n").out, "0, reason 0\n");
}

TEST_F(Board, LosesPowerAfterSoManyOperations) {
  const std::string commands =
      "retain 1\nprogram 0x200000 00\nerase 0x201000\nprogram 0x200001 00\n";
  EXPECT_EQ(run(commands, {"--cut-after", "3"}).exit_status, board::kOk);
  run("erase 0x200000\n");
  EXPECT_EQ(run(commands, {"--cut-after", "2"}).out, "done\ndone\n");
  EXPECT_EQ(run(commands, {"--cut-after", "0"}).exit_status, board::kReset);
  EXPECT_EQ(run("retained\nread 0x200000 2\n").out, "0, reason 0\n00ff\n");
}

TEST_F(Board, HasTheHeapThatIsAskedFor) {
  EXPECT_EQ(run("heap\n").out, "45056 bytes, 45056 kept, aligned\n");
  EXPECT_EQ(run("heap\n", {"--heap", "10000"}).out, "10000 bytes, 10000 kept, aligned\n");
  EXPECT_EQ(run("heap\n", {"--heap", "1M"}).out, "1048576 bytes, 1048576 kept, aligned\n");
}

TEST_F(Board, SleepsAndCountsMicroseconds) {
  EXPECT_EQ(run("sleep 20000\n").out, "slept\n");
  write_text(folder_ / "script", "sleep 600000000\n");
  EXPECT_EQ(run("", {folder_ / "script"}).out, "slept\n");
}

TEST_F(Board, LetsAScriptWait) {
  write_text(folder_ / "script", "time\n#wait 60000\ntime\n");
  const std::string out = run("", {folder_ / "script"}).out;
  const size_t line = out.find('\n') + 1;
  EXPECT_GE(std::stoul(out.substr(line)) - std::stoul(out), 60000000u) << out;
}

TEST_F(Board, SaysWhatAFaultWasAndResets) {
  ProcessResult result = run("retain 3\nload 0x20000000\n");
  EXPECT_EQ(result.exit_status, kAfterFault);
  EXPECT_THAT(result.out,
              MatchesRegex("fault: cause [0-9]+, pc 0x402[0-9a-f]+, address 0x20000000\n"));
  EXPECT_EQ(run("retained\n").out, "3, reason 2\n");
  EXPECT_EQ(run("store 0x20000000\n").exit_status, kAfterFault);
}

TEST_F(Board, TellsHowMuchStackWasUsedAndStopsWhereItEnds) {
  run("nest 10\n");
  const uint64_t little = counts().at("stack-bytes");
  EXPECT_EQ(run("nest 100\n").exit_status, board::kOk);
  const uint64_t more = counts().at("stack-bytes");
  EXPECT_GE(more - little, 90 * 64u);
  EXPECT_LE(more - little, 90 * 128u);
  const ProcessResult result = run("nest 1000\n");
  EXPECT_EQ(result.exit_status, board::kStackOverflow);
  EXPECT_THAT(result.err, MatchesRegex("stack: grew to 0x3ffe7[0-9a-f]+ from pc 0x402[0-9a-f]+\n"));
}

TEST_F(Board, StopsAtAStoreIntoMappedFlash) {
  const ProcessResult result = run("store 0x402a0000\n");
  EXPECT_EQ(result.exit_status, board::kFlashStore);
  EXPECT_THAT(result.err, MatchesRegex("flash: store to 0x402a0000 from pc 0x402[0-9a-f]+\n"));
  EXPECT_EQ(run("store 0x40200000\n").exit_status, board::kFlashStore);
  EXPECT_EQ(run("store 0x402ffffc\n").exit_status, board::kFlashStore);
}

TEST_F(Board, StopsWherePartOfAWordIsReadFromMappedFlash) {
  EXPECT_EQ(run("load 0x402a0000\n").out, "ffffffff\n");
  const ProcessResult result = run("load-byte 0x402a0001\n");
  EXPECT_EQ(result.exit_status, board::kFlashStore);
  EXPECT_THAT(result.err,
              MatchesRegex("flash: part of a word read at 0x402a0001 from pc 0x402[0-9a-f]+\n"));
  EXPECT_EQ(counts().at("flash-sub-word-loads"), 1u);
}

TEST_F(Board, CalculatesAsTheHostDoes) {
  volatile double a = 0.1;
  volatile double b = 3e-310;
  char expected[400];
  std::snprintf(expected, sizeof expected,
                "%.17g %.17g %.17g %.17g\n%d %u %.17g %g\n%d %d %u %u %u\n", a + 0.2, a * b, b / 7,
                1 / a - 1e16, 100000000, 4000000000u, -1234567 / 7.0,
                static_cast<double>(static_cast<float>(a) * 3), -1234, -567,
                static_cast<unsigned>(12345678901234567u / 1000000007),
                static_cast<unsigned>(12345678901234567u % 1000000007),
                static_cast<unsigned>((12345678901234567u * 12345678901234567u) >> 32));
  EXPECT_EQ(run("calculate\n").out, expected);
}

TEST_F(Board, ReportsWhatTheRunTook) {
  run("echo hello\n");
  const uint64_t before = counts().at("instructions");
  EXPECT_GT(before, 50000u);  // the ROM alone looks at each byte it loads
  run("read 0x200000 8\nprogram 0x200000 0102\nprogram 0x200002 03\nerase 0x200000\n");
  const auto counted = counts();
  EXPECT_GT(counted.at("instructions"), before);
  EXPECT_EQ(counted.at("flash-reads"), 1u);
  EXPECT_EQ(counted.at("flash-read-bytes"), 8u);
  EXPECT_EQ(counted.at("flash-programs"), 2u);
  EXPECT_EQ(counted.at("flash-program-bytes"), 3u);
  EXPECT_EQ(counted.at("flash-erases"), 1u);
  EXPECT_EQ(counted.at("flash-sub-word-loads"), 0u);
}

// --- what it boots from ---

TEST_F(Board, GivesAChipWithoutFirmwareOneAndLeavesThePageAlone) {
  run("");
  const std::string image = read_text(BOARD_SELF_TEST_IMAGE);
  const std::string content = read_text(flash());
  EXPECT_EQ(content.substr(0, partition::kPageAddress), image.substr(0, partition::kPageAddress));
  EXPECT_EQ(content.substr(partition::kPageAddress, 0x2000), std::string(0x2000, '\xff'));
  EXPECT_EQ(content.substr(partition::kMarkOffset, image.size() - partition::kMarkOffset),
            image.substr(partition::kMarkOffset));
  EXPECT_EQ(content.find_first_not_of('\xff', image.size()), std::string::npos);
}

TEST_F(Board, BootsTheImageAsAFlashingToolWritesIt) {
  std::string content = read_text(BOARD_SELF_TEST_IMAGE);
  content.resize(size_t{2} << 20, '\xff');
  write_text(flash(), content);
  EXPECT_EQ(run("size\nread 0x10000 4\n").out, "2097152\n1b010000\n");
}

TEST_F(Board, RefusesAFirmwareThatIsDamaged) {
  run("");
  std::string content = read_text(flash());
  content[8 + 8 + 0x20] = static_cast<char>(content[8 + 8 + 0x20] ^ 1);  // in the first segment
  write_text(flash(), content);
  const ProcessResult result = run("echo no\n");
  EXPECT_EQ(result.exit_status, board::kEnvironment);
  EXPECT_EQ(result.err, "flash: no firmware that boots\n");
  EXPECT_EQ(result.out, "");
}

TEST_F(Board, PutsNoFirmwareOverSomethingElse) {
  std::string content(size_t{4} << 20, '\xff');
  content[partition::kMarkOffset + 100] = 'x';
  write_text(flash(), content);
  const ProcessResult result = run("");
  EXPECT_EQ(result.exit_status, board::kEnvironment);
  EXPECT_THAT(result.err, HasSubstr("no firmware, and no place for one"));
  EXPECT_EQ(read_text(flash()), content);
}

TEST_F(Board, RefusesCommandLinesAndFiles) {
  EXPECT_EQ(run_process({BOARD_SELF_TEST}).exit_status, board::kUsage);
  EXPECT_EQ(run("", {"--heap", "many"}).exit_status, board::kUsage);
  EXPECT_EQ(run("", {"--unknown"}).exit_status, board::kUsage);
  EXPECT_EQ(run("", {"a", "b"}).exit_status, board::kUsage);
  EXPECT_EQ(run("", {folder_ / "missing"}).exit_status, board::kEnvironment);
  write_text(folder_ / "odd", std::string(5000, 'x'));
  EXPECT_EQ(run_process({BOARD_SELF_TEST, "--flash", folder_ / "odd"}).exit_status,
            board::kEnvironment);
  EXPECT_EQ(run_process({BOARD_SELF_TEST, "--flash", "/nowhere/flash"}).exit_status,
            board::kEnvironment);
  EXPECT_THAT(run_process({BOARD_SELF_TEST, "--help"}).out, HasSubstr("Usage:"));
}

// --- the image ---

uint32_t word_at(const std::string& bytes, size_t offset) {
  uint32_t word = 0;
  for (size_t i = 0; i < 4; i++) {
    word |= static_cast<uint32_t>(static_cast<uint8_t>(bytes.at(offset + i))) << (8 * i);
  }
  return word;
}

TEST(FirmwareImage, IsOneThatFlashingToolsAccept) {
  const std::string image = read_text(BOARD_SELF_TEST_IMAGE);
  EXPECT_EQ(image[0], '\xe9');
  EXPECT_EQ(image[2], 2);     // dual mode
  EXPECT_EQ(image[3], 0x40);  // 4 MiB, 40 MHz
  const size_t segments = static_cast<uint8_t>(image[1]);
  EXPECT_GE(segments, 1u);
  size_t at = 8;
  uint8_t checksum = 0xEF;
  for (size_t i = 0; i < segments; i++) {
    const uint32_t address = word_at(image, at);
    const uint32_t bytes = word_at(image, at + 4);
    EXPECT_EQ(address % 4, 0u);
    EXPECT_EQ(bytes % 4, 0u);
    EXPECT_TRUE((address >= 0x40100000 && address + bytes <= 0x40108000) ||
                (address >= 0x3FFE8000 && address + bytes <= 0x3FFFC000))
        << std::hex << address;
    at += 8;
    for (size_t end = at + bytes; at < end; at++) {
      checksum ^= static_cast<uint8_t>(image.at(at));
    }
  }
  while (at % 16 != 15) {
    EXPECT_EQ(image.at(at++), '\0');
  }
  EXPECT_EQ(static_cast<uint8_t>(image.at(at)), checksum);
  EXPECT_LT(at, 0xB000u);
  EXPECT_EQ(image.find_first_not_of('\xff', at + 1), size_t{partition::kPageAddress});
}

TEST(FirmwareImage, SaysWhatNumbersItHas) {
  const std::string image = read_text(BOARD_SELF_TEST_IMAGE);
  std::string mark = partition::kFloatMark;
  mark.resize(partition::kMarkBytes, '\0');
  EXPECT_EQ(image.substr(partition::kMarkOffset, partition::kMarkBytes), mark);
}

TEST(FirmwareImage, HasAPageFromBeforeTheFirstBoot) {
  const std::string image = read_text(BOARD_SELF_TEST_IMAGE);
  const size_t words = static_cast<uint8_t>(image[partition::kPageAddress]);
  EXPECT_EQ(word_at(image, partition::kPageAddress), words | partition::kPartitionTable << 8);
  // The end marker comes last and knows where the firmware ends.
  const size_t end = partition::kPageAddress + 4 + words * 4;
  EXPECT_EQ(word_at(image, end - 12), uint32_t{partition::kEndMarker});
  EXPECT_EQ(word_at(image, end - 8), 0x40200000 + image.size());
  EXPECT_EQ(word_at(image, end), 0xFFFFFFFF);
}

}  // namespace
}  // namespace flashstore::test
