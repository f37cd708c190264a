// nodeflash smoke, against simulated boards at their consoles, on good lines and bad ones.
#include <gmock/gmock.h>

#include <filesystem>

#include "answer.h"
#include "support/esptool-js/client.h"
#include "support/files.h"
#include "support/serial_relay.h"
#include "support/simulated_board.h"

namespace flashstore::test {
namespace {

namespace fs = std::filesystem;

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

struct SmokeAnswer : Answer {
  const Json& smoke() const { return device()["smoke"]; }
  Words reasons() const {
    Words reasons;
    for (const Json& check : smoke()["checks"]) {
      if (!check["ok"]) {
        reasons.push_back(check["reason"]);
      }
    }
    return reasons;
  }
};

class Smoke : public testing::Test {
 protected:
  Smoke() {
    write_text(folder_ / "main.lua", "return 'main'");
    write_text(folder_ / "util.lua", "return 'util'");
    fs::create_directory(folder_.path() / "files");
    write_text(folder_ / "files/config", "a=1\n");
    write_manifest(R"("smoke": { "modules": ["main"], "seconds": 5 },)");
  }

  void write_manifest(const std::string& more, const std::string& partitions = "") {
    write_text(folder_ / "board.json", R"({ "chip": "esp8266", )" + more + R"(
      "flash": { "size": "4M" }, "partitions": { "policy": "default")" +
                                           partitions + R"( },
      "lfs": { "sources": ["main.lua", "util.lua"] }, "lilotafs": { "directory": "files" } })");
  }

  ProcessResult nodeflash(const Words& words, const std::string& time = "1700000000") const {
    ProcessOptions options;
    options.directory = folder_.path();
    options.environment = {{"SOURCE_DATE_EPOCH", time}};
    Words all{NODEFLASH};
    all.insert(all.end(), words.begin(), words.end());
    return run_process(all, options);
  }

  // A flash with all that the manifest says, and a program for its files.
  std::string flash(const std::string& init = "") const {
    write_text(folder_ / "files/init.lua", init);
    const ProcessResult done = nodeflash({"apply", "-o", "flash", "board.json"});
    EXPECT_EQ(done.exit_status, 0) << done.err;
    return folder_ / "flash";
  }

  SmokeAnswer smoke(const std::string& port, const Words& words = {"board.json"},
                    const std::string& time = "1700000000") const {
    Words all{"smoke", "--json", "--port", port};
    all.insert(all.end(), words.begin(), words.end());
    const ProcessResult run = nodeflash(all, time);
    return checked(run, SMOKE_SCHEMA);
  }

  static SmokeAnswer checked(const ProcessResult& run, const char* schema) {
    SmokeAnswer answer{answer_of(run)};
    ProcessOptions options;
    options.input = run.out;
    Words check{CHECK_JSON, schema};
    if (answer.document.contains("devices")) {
      check.insert(check.begin() + 1, "--whole");
    }
    EXPECT_EQ(run_process(check, options).exit_status, 0) << run.out;
    return answer;
  }

  TemporaryFolder folder_;
};

TEST_F(Smoke, PassesABoardThatRunsWhatItWasGiven) {
  const SimulatedBoard board(flash());
  const SmokeAnswer answer = smoke(board.port());
  EXPECT_EQ(answer.status, 0) << answer.document;
  EXPECT_EQ(answer.smoke()["reset"], "prompt");
  EXPECT_THAT(answer.smoke()["banner"].get<Words>(),
              ElementsAre(HasSubstr("Lua 5.1.5"), StartsWith("LFS: image of ")));
  EXPECT_THAT(answer.smoke()["device"]["modules"].get<Words>(), ElementsAre("main", "util"));
  EXPECT_EQ(answer.smoke()["device"]["build_time"], 1700000000);
  EXPECT_EQ(answer.smoke()["device"]["partitions"]["lfs"]["address"], 0xA0000);
  EXPECT_EQ(answer.smoke()["checks"].size(), 6U);
}

TEST_F(Smoke, NeedsNoManifestToSeeThatABoardAnswers) {
  const SimulatedBoard board(flash());
  const SmokeAnswer answer = smoke(board.port(), {});
  EXPECT_EQ(answer.status, 0) << answer.document;
  EXPECT_EQ(answer.smoke()["checks"].size(), 2U);
}

TEST_F(Smoke, TellsWhatIsNotAsItShouldBe) {
  const SimulatedBoard board(flash());
  EXPECT_THAT(smoke(board.port(), {"board.json"}, "1700000001").reasons(),
              ElementsAre("other-build-time"));
  write_manifest(R"("smoke": { "modules": ["none"] },)");
  const SmokeAnswer missing = smoke(board.port());
  EXPECT_EQ(missing.status, 1);
  EXPECT_THAT(missing.reasons(), ElementsAre("missing-module"));
  EXPECT_EQ(missing.message(), "LFS has no module 'none'");
  const Words base = {"--partitions", "default", "--flash-size", "4M"};
  Words words = base;
  words.insert(words.end(), {"--lua", "main.lua"});
  EXPECT_THAT(smoke(board.port(), words).reasons(), ElementsAre("other-image"));
  words.insert(words.end(), {"--lua", "util.lua", "--lfs-size", "128K"});
  EXPECT_THAT(smoke(board.port(), words).reasons(), ElementsAre("other-partition"));
}

TEST_F(Smoke, TellsABoardWithoutAnImage) {
  write_text(folder_ / "blank", std::string(4 << 20, '\xFF'));
  const SimulatedBoard board(folder_ / "blank");
  const SmokeAnswer answer = smoke(board.port());
  EXPECT_EQ(answer.status, 1);
  EXPECT_EQ(answer.reasons().front(), "no-image");
  EXPECT_TRUE(answer.smoke()["device"]["modules"].is_null());
}

TEST_F(Smoke, FindsThePromptBetweenWhatAnApplicationPrints) {
  const SimulatedBoard board(
      flash("tmr.create():alarm(2, 1, function() print(('stdin:1: noise '):rep(4)) end)"));
  const SmokeAnswer answer = smoke(board.port());
  EXPECT_EQ(answer.status, 0) << answer.document;
}

TEST_F(Smoke, TellsAnApplicationThatKeepsThePrompt) {
  const SimulatedBoard board(flash("while true do print 'mine' end"));
  const SmokeAnswer answer = smoke(board.port(), {"--seconds", "1", "--line-seconds", "1"});
  EXPECT_EQ(answer.reason(), "no-prompt");
  EXPECT_EQ(answer.message(), "no prompt answers; the device said last: 'mine'");
}

TEST_F(Smoke, TellsALineWithNothingBehindIt) {
  const virtual_chip::Pty nobody;
  const SmokeAnswer answer = smoke(nobody.name(), {"--seconds", "1", "--line-seconds", "1"});
  EXPECT_EQ(answer.status, 1);
  EXPECT_EQ(answer.reason(), "no-answer");
  EXPECT_EQ(smoke("/nowhere", {}).reason(), "port-missing");
  EXPECT_EQ(smoke(folder_ / "board.json", {}).reason(), "no-serial-port");
}

TEST_F(Smoke, TellsALineAtAnotherRate) {
  const SimulatedBoard board(flash());
  const auto garble = [](std::string bytes) {
    for (char& byte : bytes) {
      byte = static_cast<char>(byte * 7 | 0x80);
    }
    return bytes;
  };
  const SerialRelay line(board.port(), garble, garble);
  const SmokeAnswer answer = smoke(line.port(), {"--seconds", "1", "--line-seconds", "1"});
  EXPECT_EQ(answer.reason(), "noise");
}

TEST_F(Smoke, AsksAgainWhereCharactersAreLost) {
  const SimulatedBoard board(flash());
  // One in so many, in either direction; always the same ones.
  const auto lossy = [](uint32_t every) {
    return [every, count = uint32_t{0}](const std::string& bytes) mutable {
      std::string left;
      for (const char byte : bytes) {
        if (++count % every != 0) {
          left += byte;
        }
      }
      return left;
    };
  };
  const SerialRelay line(board.port(), lossy(811), lossy(599));
  const SmokeAnswer answer = smoke(line.port(), {"--line-seconds", "1", "board.json"});
  EXPECT_EQ(answer.status, 0) << answer.document;
}

TEST_F(Smoke, HearsTheBannerBehindWhatABootLoaderSays) {
  const SimulatedBoard board(flash());
  const SerialRelay line(
      board.port(), [](std::string bytes) { return bytes; },
      [](std::string bytes) {
        const size_t banner = bytes.find("Flashstore");
        if (banner != std::string::npos) {  // at its own rate
          bytes.insert(banner, std::string(40, '\x9C') + '\0' + "\xE3\xFE\r\n");
        }
        return bytes;
      });
  const SmokeAnswer answer = smoke(line.port());
  EXPECT_EQ(answer.status, 0) << answer.document;
  EXPECT_THAT(answer.smoke()["banner"][0], HasSubstr("Lua 5.1.5"));
}

class SmokeOfAChip : public Smoke {
 protected:
  void SetUp() override { require_esptool_js(); }
};

TEST_F(SmokeOfAChip, FollowsARealClientOnTheSamePort) {
  write_manifest(R"("raw": [],)", R"(, "lilotafs": { "size": "64K" })");
  write_text(folder_ / "flash", std::string(4 << 20, '\xFF'));
  ProcessOptions options;
  options.directory = folder_.path();
  options.environment = {{"SOURCE_DATE_EPOCH", "1700000000"},
                         {"XDG_STATE_HOME", folder_ / "state"}};
  const ProcessResult run =
      run_process({VIRTUAL_CHIP, "--flash", "flash", "--link", "port", "--app",
                   "exec " FLASHSTORE_SIM " --flash " + folder_ / "flash", "--", NODEFLASH, "flash",
                   "--json", "--smoke", "--esptool", ESPTOOL_JS, "--port", "port", "board.json"},
                  options);
  ASSERT_EQ(run.exit_status, 0) << run.out << run.err;
  const SmokeAnswer answer = checked(run, FLASH_SCHEMA);
  EXPECT_THAT(answer.smoke()["device"]["modules"].get<Words>(), ElementsAre("main", "util"));
  EXPECT_EQ(answer.smoke()["device"]["build_time"], 1700000000);
}

TEST_F(Smoke, SeesSeveralBoardsAtOnce) {
  const SimulatedBoard good(flash());
  write_text(folder_ / "blank", std::string(4 << 20, '\xFF'));
  const SimulatedBoard blank(folder_ / "blank");
  const SmokeAnswer answer = smoke(good.port(), {"--port", blank.port(), "board.json"});
  EXPECT_EQ(answer.status, 1);
  EXPECT_EQ(answer.document["devices"][0]["ok"], true);
  EXPECT_EQ(answer.document["devices"][1]["reason"], "no-image");
}

}  // namespace
}  // namespace flashstore::test
