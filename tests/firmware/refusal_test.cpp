// What the simulator refuses, in which words and with which exit status; and what stops it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulator.h"
#include "support/files.h"

namespace flashstore::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kImages = FLASHSTORE_TEST_DATA "/lfs/expected/img/";

struct Refusal {
  const char* name;
  std::vector<std::string> words;  // "@x" stands for file x of the images
  int exit_status;
  std::string err;  // without the program's name; "@" as above
};

void PrintTo(const Refusal& refusal, std::ostream* stream) {
  *stream << refusal.name;
}

constexpr const char* kSeeHelp = "note: flashstore-sim --help lists the options\n";
constexpr const char* kBuildIt = "note: build it with luac.cross -a 0x40210000\n";
constexpr const char* kBaseNote = "note: a multiple of 0x1000 from 0x40200000 to 0x402ff000\n";

const std::vector<Refusal>& refusals() {
  static const std::vector<Refusal> all = {
      {"NoImage", {"main"}, 2, std::string("error: no flash and no image given\n") + kSeeHelp},
      {"NoModule",
       {"--image", "@abs-0x40210000.float.abs"},
       2,
       std::string("error: no module given\n") + kSeeHelp},
      {"UnknownOption",
       {"--imgae", "x"},
       2,
       std::string("error: unknown option '--imgae'\n") + kSeeHelp},
      {"ShortOption", {"-z"}, 2, std::string("error: unknown option '-z'\n") + kSeeHelp},
      {"NoValue",
       {"--image"},
       2,
       std::string("error: option '--image' needs a value\n") + kSeeHelp},
      {"BaseOutside",
       {"--base", "0x40300000"},
       2,
       std::string("error: --base 0x40300000: not a sector in the flash window\n") + kBaseNote},
      {"BaseBelow",
       {"--base", "0x401ff000"},
       2,
       std::string("error: --base 0x401ff000: not a sector in the flash window\n") + kBaseNote},
      {"BaseInsideASector",
       {"--base", "0x40210004"},
       2,
       std::string("error: --base 0x40210004: not a sector in the flash window\n") + kBaseNote},
      {"BaseNotANumber",
       {"--base", "0x40210000x"},
       2,
       std::string("error: --base 0x40210000x: not a sector in the flash window\n") + kBaseNote},
      {"HeapOfNothing",
       {"--heap", "0"},
       2,
       "error: --heap 0: not a number of bytes\nnote: for example 44K\n"},
      {"HeapNegative",
       {"--heap", "-1"},
       2,
       "error: --heap -1: not a number of bytes\nnote: for example 44K\n"},
      {"HeapTooLarge",
       {"--heap", "4096M"},
       2,
       "error: --heap 4096M: not a number of bytes\nnote: for example 44K\n"},
      {"MissingFile",
       {"--image", "@absent", "main"},
       3,
       "error: @absent: No such file or directory\n"},
      {"Folder", {"--image", "@", "main"}, 3, "error: @: Is a directory\n"},
      {"Gzip",
       {"--image", "@all-small.float.img", "x"},
       3,
       std::string("error: @all-small.float.img: a relocatable image: it has no address yet\n") +
           kBuildIt},
      {"WrongBase",
       {"--image", "@abs-0x40296000.float.abs", "main"},
       3,
       "error: @abs-0x40296000.float.abs: built for 0x40296000, but mapped at 0x40210000\n"
       "note: give --base 0x40296000, or build it with luac.cross -a 0x40210000\n"},
      {"WrongBaseOption",
       {"--base", "0x402a0000", "--image", "@abs-0x40210000.float.abs", "main"},
       3,
       "error: @abs-0x40210000.float.abs: built for 0x40210000, but mapped at 0x402a0000\n"
       "note: give --base 0x40210000, or build it with luac.cross -a 0x402a0000\n"},
      {"Int",
       {"--base", "0x402a0000", "--image", "@abs-0x402a0000.int.abs", "main"},
       3,
       "error: @abs-0x402a0000.int.abs: signature 0xfafaa153: numbers are int32 here, the "
       "simulator's are "
       "double\nnote: build it with luac.cross, not luac.cross.int\n"},
      {"Dword",
       {"--base", "0x402a0000", "--image", "@abs-0x402a0000.dword.abs", "main"},
       3,
       "error: @abs-0x402a0000.dword.abs: signature 0xfafaa151: values take 16 bytes here, the "
       "simulator's "
       "take 12\nnote: build it for a firmware with packed values\n"},
      {"TooLarge",
       {"--base", "0x402fd000", "--image", "@abs-all-small.float.abs", "consts"},
       3,
       "error: @abs-all-small.float.abs: 53404 bytes do not fit: flash ends 12288 bytes from "
       "0x402fd000\n"
       "note: give a lower --base\n"},
      {"UnknownModule",
       {"--image", "@abs-0x40210000.float.abs", "mian"},
       1,
       "error: @abs-0x40210000.float.abs: no module 'mian'\nnote: it has: _init, main, util\n"},
      {"NoMemoryToStart",
       {"--heap", "1K", "--image", "@abs-0x40210000.float.abs", "main"},
       1,
       "error: not enough memory to start Lua\nnote: give a larger --heap\n"},
      {"MissingScript",
       {"--script", "@absent.lua"},
       3,
       "error: @absent.lua: No such file or directory\n"},
  };
  return all;
}

std::string with_images(std::string text) {
  for (size_t at = 0; (at = text.find('@', at)) != std::string::npos; at += kImages.size()) {
    text.replace(at, 1, kImages);
  }
  return text;
}

// Each line as the program prints it.
std::string with_program_name(const std::string& lines) {
  std::string named;
  for (size_t at = 0; at < lines.size();) {
    const size_t end = lines.find('\n', at) + 1;
    named += "flashstore-sim: " + lines.substr(at, end - at);
    at = end;
  }
  return named;
}

class Refuses : public ::testing::TestWithParam<Refusal> {};

TEST_P(Refuses, WithReasonAndWayOut) {
  std::vector<std::string> words;
  for (const std::string& word : GetParam().words) {
    words.push_back(with_images(word));
  }
  const ProcessResult run = simulate(FLASHSTORE_SIM, words);
  EXPECT_EQ(run.exit_status, GetParam().exit_status);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.err, with_program_name(with_images(GetParam().err)));
}

INSTANTIATE_TEST_SUITE_P(Each, Refuses, ::testing::ValuesIn(refusals()),
                         [](const auto& each) { return each.param.name; });

// Damage a good image and see what is said of it.
class Damaged : public ::testing::Test {
 protected:
  ProcessResult run(const std::string& bytes) const {
    write_text(folder_ / "image", bytes);
    return simulate(FLASHSTORE_SIM, {"--image", folder_ / "image", "main"});
  }
  std::string said(const std::string& bytes) const {
    const ProcessResult result = run(bytes);
    EXPECT_EQ(result.exit_status, 3);
    const std::string start = "flashstore-sim: error: " + folder_ / "image" + ": ";
    EXPECT_EQ(result.err.substr(0, start.size()), start);
    return result.err.substr(start.size(), result.err.find('\n') - start.size());
  }
  static std::string with_word(std::string bytes, size_t index, uint32_t value) {
    for (size_t i = 0; i < 4; i++) {
      bytes[4 * index + i] = static_cast<char>(value >> (8 * i));
    }
    return bytes;
  }

  TemporaryFolder folder_;
  const std::string good_ = read_text(kImages + "abs-0x40210000.float.abs");
};

TEST_F(Damaged, ImageIsRefusedWithTheReason) {
  EXPECT_EQ(said(""), "0 bytes are too short for an image");
  EXPECT_EQ(said(good_.substr(0, 31)), "31 bytes are too short for an image");
  EXPECT_EQ(said(std::string(4096, '\xFF')), "blank: there is no image");
  EXPECT_EQ(said(std::string(4096, '\0')), "blank: there is no image");
  EXPECT_EQ(said(std::string(4096, 'L')), "signature 0x4c4c4c4c: not an LFS image");
  EXPECT_EQ(said(with_word(good_, 0, 0xFAFAA055)),
            "signature 0xfafaa055: an LFS image of another version");
  EXPECT_EQ(said(with_word(good_, 0, 0xFAFAA15D)),
            "signature 0xfafaa15d: an image that was not written to its end");
  EXPECT_EQ(said(with_word(good_, 3, 8)), "a relocatable image, unpacked: it has no address yet");
  EXPECT_EQ(said(with_word(good_, 2, 0x40300000)), "damaged: its header points out of it");
  EXPECT_EQ(said(with_word(good_, 1, 0xFFFFFFFC)), "damaged: its header points out of it");
  EXPECT_EQ(said(good_.substr(0, good_.size() - 4)), "cut short: 2240 of its 2244 bytes are here");
}

TEST_F(Damaged, WhatFollowsTheImageIsOfNoInterest) {
  EXPECT_EQ(run(good_).exit_status, run(good_ + std::string(5000, '\xFF')).exit_status);
}

// Only stores into flash are trapped; any other fault ends as it would without the trap.
TEST_F(Damaged, OtherFaultsAreNotTakenForStores) {
  constexpr size_t kMainProtoWord = 2;
  constexpr size_t kProtoCode = 3;
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(good_[4 * kMainProtoWord + i]); };
  const size_t main_proto = (byte(0) | byte(1) << 8) & 0xFFFF;
  const ProcessResult result = run(with_word(good_, main_proto / 4 + kProtoCode, 0x10));
  EXPECT_THAT(result.err, Not(HasSubstr("flash: store")));
  EXPECT_NE(result.exit_status, 88);
  EXPECT_GT(result.exit_status, 0);
}

TEST(Help, GoesToStdout) {
  const ProcessResult run = simulate(FLASHSTORE_SIM, {"--help"});
  EXPECT_EQ(run.exit_status, 0);
  EXPECT_EQ(run.err, "");
  EXPECT_THAT(run.out, HasSubstr("Usage: flashstore-sim --flash FILE"));
  for (const char* status : {"0 no more input", "1 it failed", "2 usage", "3 a file", "16 power",
                             "18 reset", "20 restart", "87 a rule", "88 something"}) {
    EXPECT_THAT(run.out, HasSubstr(status));
  }
}

}  // namespace
}  // namespace flashstore::test
