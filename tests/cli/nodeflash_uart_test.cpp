// nodeflash flash --backend uart: a board gets its image and its files through its Lua prompt, over
// good lines and bad ones, whatever firmware and application do.
#include <gmock/gmock.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "answer.h"
#include "support/files.h"
#include "support/serial_relay.h"
#include "support/simulated_board.h"

namespace flashstore::test {
namespace {

namespace fs = std::filesystem;

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr size_t kFlashBytes = 4 << 20;
constexpr size_t kFiles = 1 << 20;
constexpr size_t kFilesBytes = kFlashBytes - kFiles - 0x3000;

struct UartAnswer : Answer {
  const Json& image() const { return device()["image"]; }
  // Names of those that were written.
  Words written() const {
    Words names;
    for (const Json& file : device()["files"]) {
      if (!file["was_there"]) {
        names.push_back(file["name"]);
      }
    }
    return names;
  }
};

std::string noise(size_t size) {
  std::string bytes(size, '\0');
  uint32_t state = 1;
  for (char& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

std::string all_bytes() {
  std::string bytes(256, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(i);
  }
  return bytes;
}

class Uart : public testing::Test {
 protected:
  Uart() {
    write_text(folder_ / "main.lua", "return 'main'");
    write_text(folder_ / "util.lua", "return 'util'");
    fs::create_directories(folder_.path() / "files");
    put("config", "a=1\n");
    put("binary", all_bytes());
    put("empty", "");
    put("text", "local s = \"it's \\\\ [[a]] text\"\n\n>> \nstdin:1: no error\n-- the end\r\n");
    write_text(folder_ / "chip", std::string(kFlashBytes, '\xFF'));
  }

  void put(const std::string& name, std::string_view content) const {
    write_text(folder_ / ("files/" + name), content);
  }

  ProcessResult run(const std::string& program, const Words& words,
                    const Words& before = {}) const {
    ProcessOptions options;
    options.directory = folder_.path();
    options.environment = {{"SOURCE_DATE_EPOCH", time_}};
    Words all = before;
    all.push_back(program);
    all.insert(all.end(), words.begin(), words.end());
    return run_process(all, options);
  }

  // A board with an older image, and a program.
  std::string chip_with(const std::string& init, const std::string& lfs_size = "256K") const {
    write_text(folder_ / "old.lua", "return 'old'");
    fs::create_directories(folder_.path() / "first");
    write_text(folder_ / "first/init.lua", init);
    const auto done =
        run(NODEFLASH, {"apply", "-o", "chip", "--lua", "old.lua", "--lilotafs", "first",
                        "--flash-size", "4M", "--partitions", "default", "--lfs-size", lfs_size});
    EXPECT_EQ(done.exit_status, 0) << done.err;
    return folder_ / "chip";
  }

  UartAnswer flash(const std::string& port, const Words& more = {},
                   const Words& before = {}) const {
    Words words{"flash", "--json", "--backend", "uart", "--line-seconds", "1", "--port", port};
    if (more.empty() || more.front() == "--smoke") {
      words.insert(words.end(), {"--lua", "main.lua", "--lua", "util.lua", "--lilotafs", "files"});
    }
    words.insert(words.end(), more.begin(), more.end());
    const ProcessResult done = run(NODEFLASH, words, before);
    ProcessOptions options;
    options.input = done.out;
    EXPECT_EQ(run_process({CHECK_JSON, FLASH_SCHEMA}, options).exit_status, 0) << done.out;
    return {answer_of(done)};
  }

  // What the file system of the board that was has, by the tool for it.
  std::string of_chip(const Words& words) const {
    write_text(folder_ / "partition", read_text(folder_ / "chip").substr(kFiles, kFilesBytes));
    const auto done = run(LILOTAFS_IMG, words);
    EXPECT_EQ(done.exit_status, 0) << done.err;
    return done.out;
  }

  void expect_all_files() const {
    EXPECT_THAT(of_chip({"ls", "partition"}), Not(HasSubstr("nodeflash")));
    for (const auto& file : fs::directory_iterator(folder_.path() / "files")) {
      EXPECT_TRUE(of_chip({"cat", "partition", file.path().filename()}) == read_text(file.path()))
          << file.path();
    }
  }

  std::string time_ = "1700000000";
  TemporaryFolder folder_;
};

TEST_F(Uart, BringsImageAndFiles) {
  SimulatedBoard board(folder_ / "chip");
  const UartAnswer answer = flash(board.port(), {"--smoke"});
  EXPECT_EQ(answer.status, 0) << answer.document;
  EXPECT_EQ(answer.image()["state"], "reloaded");
  EXPECT_THAT(answer.image()["said"].get<Words>(), Contains(HasSubstr("LFS region updated.")));
  EXPECT_THAT(answer.device()["smoke"]["device"]["modules"].get<Words>(),
              ElementsAre("main", "util"));
  EXPECT_EQ(answer.device()["smoke"]["device"]["build_time"], 1700000000);
  EXPECT_THAT(answer.written(), ElementsAre("binary", "config", "empty", "text"));
  board.unplug();
  expect_all_files();
}

TEST_F(Uart, WritesOnlyWhatDiffers) {
  SimulatedBoard board(folder_ / "chip");
  EXPECT_EQ(flash(board.port()).status, 0);
  const UartAnswer again = flash(board.port());
  EXPECT_EQ(again.status, 0) << again.document;
  EXPECT_THAT(again.written(), IsEmpty());
  EXPECT_EQ(again.image()["state"], "was-there");
  put("config", "a=2\n");  // of the same size
  put("text", "another");
  const UartAnswer changed = flash(board.port());
  EXPECT_THAT(changed.written(), ElementsAre("config", "text"));
  EXPECT_THAT(changed.device()["other_files"].get<Words>(), IsEmpty());
  board.unplug();
  expect_all_files();
}

TEST_F(Uart, ReplacesOldByNewAndLeavesOtherFiles) {
  SimulatedBoard board(chip_with("local f = node.LFS.get('old') if f then f() end"));
  const UartAnswer answer = flash(board.port(), {"--smoke"});
  EXPECT_EQ(answer.status, 0) << answer.document;
  EXPECT_THAT(answer.device()["other_files"].get<Words>(), ElementsAre("init.lua"));
  EXPECT_THAT(answer.device()["smoke"]["device"]["modules"].get<Words>(),
              ElementsAre("main", "util"));
}

TEST_F(Uart, TakesImagesOfAnyKind) {
  SimulatedBoard board(folder_ / "chip");
  EXPECT_EQ(run(LUAC_CROSS, {"-f", "-o", "moves.img", "main.lua"}).exit_status, 0);
  time_ = "1700000001";
  EXPECT_EQ(run(LUAC_CROSS, {"-a", "0x40290000", "-f", "-o", "fixed.img", "util.lua"}).exit_status,
            0);
  const UartAnswer moves = flash(board.port(), {"--smoke", "--lfs", "moves.img"});
  EXPECT_EQ(moves.document["reason"], "two-of-one");
  const UartAnswer first = flash(board.port(), {"--lfs", "moves.img"});
  EXPECT_EQ(first.status, 0) << first.document;
  EXPECT_EQ(first.image()["build_time"], 1700000000);
  const UartAnswer second = flash(board.port(), {"--lfs", "fixed.img"});
  EXPECT_EQ(second.status, 0) << second.document;
  EXPECT_THAT(second.image()["modules"].get<Words>(), ElementsAre("util"));
}

TEST_F(Uart, RefusesWhatDoesNotFitBeforeAnythingIsWritten) {
  std::string source = "return {\n";
  for (int i = 0; i < 1'000; ++i) {
    source += "'text " + std::to_string(i * i) + "',\n";
  }
  write_text(folder_ / "large.lua", source + "}\n");
  SimulatedBoard board(chip_with("", "16K"));
  const std::string before = read_text(folder_ / "chip");
  const UartAnswer large = flash(board.port(), {"--lua", "large.lua", "--lilotafs", "files"});
  EXPECT_EQ(large.status, 1);
  EXPECT_EQ(large.reason(), "lfs-too-large");
  EXPECT_EQ(run(LUAC_CROSS, {"--target", "int", "-f", "-o", "int.img", "main.lua"}).exit_status, 0);
  EXPECT_EQ(flash(board.port(), {"--lfs", "int.img"}).reason(), "flavour");
  put("huge", noise(kFilesBytes));
  EXPECT_EQ(flash(board.port()).reason(), "no-room");
  EXPECT_TRUE(read_text(folder_ / "chip") == before);
}

TEST_F(Uart, TellsWhatAPromptCannotDo) {
  SimulatedBoard board(folder_ / "chip");
  write_text(folder_ / "fw.bin", "firmware");
  write_text(folder_ / "board.json",
             R"({ "chip": "esp8266", "firmware": "fw.bin", "lfs": { "sources": ["main.lua"] },
      "partitions": { "lfs": { "size": "64K" } },
      "raw": [{ "file": "fw.bin", "address": "0xf000" }] })");
  const UartAnswer answer = flash(board.port(), {"board.json"});
  EXPECT_EQ(answer.status, 0) << answer.document;
  EXPECT_THAT(answer.device()["left_out"].get<Words>(),
              ElementsAre("firmware", "raw", "partitions"));
  EXPECT_EQ(answer.device()["diagnostics"].size(), 3U);
  write_text(folder_ / "board.json", R"({ "chip": "esp8266", "firmware": "fw.bin" })");
  EXPECT_EQ(flash(board.port(), {"board.json"}).reason(), "nothing-for-prompt");
}

TEST_F(Uart, TellsInTheDevicesWordsWhyItRefuses) {
  SimulatedBoard board(chip_with("node.LFS.reload = function() return 'Incorrect LFS build' end"));
  const UartAnswer answer = flash(board.port());
  EXPECT_EQ(answer.status, 1);
  EXPECT_EQ(answer.reason(), "reload-refused");
  EXPECT_EQ(answer.message(), "the device refuses the image: Incorrect LFS build");
}

TEST_F(Uart, TellsInTheDevicesWordsWhyItHasNoImageLeft) {
  SimulatedBoard board(
      chip_with("node.LFS.reload = function() print 'Memory allocation error' node.restart() end"));
  const UartAnswer answer = flash(board.port());
  EXPECT_EQ(answer.reason(), "reload-failed");
  EXPECT_THAT(answer.image()["said"].get<Words>(), Contains("Memory allocation error"));
}

TEST_F(Uart, SendsAgainWhereCharactersAreLostOrChanged) {
  put("noise", noise(2'000));
  SimulatedBoard board(folder_ / "chip");
  const auto bad = [](uint32_t every) {
    return [every, count = uint32_t{0}](const std::string& bytes) mutable {
      std::string left;
      for (const char byte : bytes) {
        const bool hits = ++count % every == 0;
        const bool loses = count / every % 2 == 0;
        if (!hits || !loses) {
          left += hits ? '#' : byte;
        }
      }
      return left;
    };
  };
  const SerialRelay line(board.port(), bad(3001), bad(1999));
  const UartAnswer answer = flash(line.port());
  EXPECT_EQ(answer.status, 0) << answer.document;
  board.unplug();
  expect_all_files();
}

TEST_F(Uart, WritesABlockOnceThoughItsAnswerIsLost) {
  put("noise", noise(3'000));
  SimulatedBoard board(folder_ / "chip");
  const SerialRelay line(
      board.port(), [](std::string bytes) { return bytes; },
      [count = 0](std::string bytes) mutable {
        const size_t answer = bytes.find("\nok\n");
        if (answer != std::string::npos && ++count % 7 == 0) {
          bytes[answer + 1] = '#';
        }
        return bytes;
      });
  const UartAnswer answer = flash(line.port());
  EXPECT_EQ(answer.status, 0) << answer.document;
  board.unplug();
  expect_all_files();
}

// NodeMCU's firmware of 2018 has one open file, no objects; it sends "\r\n", and drops a line that
// is too long, and what comes while its buffer is full.
TEST_F(Uart, SpeaksWithOldFirmware) {
  put("noise", noise(4'000));
  SimulatedBoard board(chip_with(R"(
    node.LFS = nil
    node.getpartitiontable = nil
    local open = file.open
    file.open = function(...) if open(...) then return true end end
    local digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    local used = 0
    encoder = { fromBase64 = function(text)
      local bits, have, out = 0, 0, {}
      for digit in text:gmatch('[^=]') do
        bits, have = bits * 64 + digits:find(digit, 1, true) - 1, have + 6
        if have >= 8 then
          have = have - 8
          local byte = math.floor(bits / 2 ^ have)
          bits, out[#out + 1] = bits - byte * 2 ^ have, string.char(byte)
        end
      end
      return table.concat(out)
    end })"));
  size_t of_line = 0;
  size_t longest = 0;
  size_t unanswered = 0;
  size_t most = 0;
  const SerialRelay line(
      board.port(),
      [&](const std::string& bytes) {
        for (const char byte : bytes) {
          of_line = byte == '\n' ? 0 : of_line + 1;
          longest = std::max(longest, of_line);
        }
        unanswered += bytes.size();
        most = std::max(most, unanswered);
        return bytes;
      },
      [&](const std::string& bytes) {
        unanswered = bytes.empty() ? unanswered : 0;
        std::string all;
        for (const char byte : bytes) {
          all += byte == '\n' ? "\r\n" : std::string(1, byte);
        }
        return all;
      });
  const UartAnswer answer = flash(line.port());
  EXPECT_EQ(answer.status, 0) << answer.document;
  EXPECT_LE(longest, 254U);
  EXPECT_LE(most, 256U);
  board.unplug();
  expect_all_files();
}

TEST_F(Uart, ComesThroughAnApplicationThatPrints) {
  SimulatedBoard board(chip_with("tmr.create():alarm(3, 1, function() print 'tick' end)"));
  EXPECT_EQ(flash(board.port()).status, 0);
  board.unplug();
  expect_all_files();
}

TEST_F(Uart, TellsADeviceThatRestartsMeanwhileAndConverges) {
  put("noise", noise(20'000));
  SimulatedBoard board(chip_with(R"(
    local open = file.open
    file.open = function(name, mode)
      if name == 'nodeflash.new' and not file.exists('once') then
        file.putcontents('once', '')
        tmr.create():alarm(50, 0, node.restart)
      end
      return open(name, mode)
    end)"));
  const UartAnswer reset = flash(board.port());
  EXPECT_EQ(reset.status, 1);
  EXPECT_EQ(reset.reason(), "device-reset");
  EXPECT_EQ(flash(board.port()).status, 0);
  board.unplug();
  expect_all_files();
}

TEST_F(Uart, LeavesTheOldImageWhereItIsInterruptedAndConverges) {
  put("noise", noise(20'000));
  SimulatedBoard board(chip_with(""));
  {
    const SerialRelay line(  // nothing arrives any more, in the middle of it
        board.port(),
        [count = size_t{0}](const std::string& bytes) mutable {
          count += bytes.size();
          return count < 15'000 ? bytes : "";
        },
        [](std::string bytes) { return bytes; });
    const UartAnswer interrupted =
        flash(line.port(), {}, {"timeout", "--preserve-status", "-s", "INT", "1.5"});
    EXPECT_EQ(interrupted.reason(), "interrupted");
  }
  const ProcessResult smoke = run(NODEFLASH, {"smoke", "--port", board.port(), "--lua", "old.lua"});
  EXPECT_EQ(smoke.exit_status, 0) << smoke.err;
  EXPECT_EQ(flash(board.port()).status, 0);
  board.unplug();
  expect_all_files();
}

TEST_F(Uart, TellsALineThatIsGoneAndConverges) {
  put("noise", noise(20'000));
  auto board = std::make_unique<SimulatedBoard>(chip_with(""));
  const auto before = fs::last_write_time(folder_.path() / "chip");
  std::thread hand([&] {
    while (fs::last_write_time(folder_.path() / "chip") == before) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    board->unplug();
  });
  const UartAnswer gone = flash(board->port());
  hand.join();
  EXPECT_EQ(gone.status, 3);
  EXPECT_EQ(gone.reason(), "line-lost");
  board = std::make_unique<SimulatedBoard>(folder_ / "chip");
  EXPECT_EQ(flash(board->port(), {"--smoke"}).status, 0);
  board->unplug();
  expect_all_files();
}

}  // namespace
}  // namespace flashstore::test
