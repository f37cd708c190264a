// nodeflash flash with several boards: by recordings of esptool, and on virtual chips.
#include <gmock/gmock.h>

#include <filesystem>
#include <sstream>

#include "flashing.h"

namespace flashstore::test {
namespace {

namespace fs = std::filesystem;

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

class Fleet : public Flashing {
 protected:
  Fleet() {
    write_text(folder_ / "board.json", manifest(""));
    for (const char* name : {"a", "b", "c"}) {
      write_text(folder_ / name, "");
      const fs::path board = folder_.path() / (std::string(name) + ".board");
      fs::create_directory(board);
      write_text(board / "mac", mac(name));
    }
  }

  static std::string mac(const std::string& name) { return "5c:cf:7f:00:00:0" + name; }

  static std::string manifest(const std::string& ports, const std::string& source = "main.lua") {
    return R"({"chip": "esp8266", "flash": {"size": "4M"}, "lfs": {"sources": [")" + source +
           R"("]}, "partitions": {"policy": "default"}, "ports": [)" + ports + "]}";
  }

  // Then there is nothing to do.
  void give(const Words& names) {
    const std::string whole = image({"board.json"});
    for (const std::string& name : names) {
      write_text(board(name, "flash"), whole);
    }
  }

  std::map<std::string, std::string> fake() const {
    return {{"ESPTOOL", FAKE_ESPTOOL}, {"FAKE_ESPTOOL_FOLDER", folder_.path()}};
  }

  FlashAnswer run(const Words& more) {
    Words words{NODEFLASH, "flash", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return answer(run_process(words, surroundings(fake())));
  }

  // What a shell does with "$flash", of options that are the same for all calls.
  ProcessResult shell(const std::string& script) {
    ProcessOptions options = surroundings(fake());
    options.environment["flash"] = NODEFLASH " flash --json";
    return run_process({"bash", "-c", script}, options);
  }

  std::string board(const std::string& name, const char* file) const {
    return folder_ / (name + ".board/" + file);
  }
  void foresee(const std::string& name, const std::string& lines) {
    write_text(board(name, "plan"), lines);
  }
  std::string flash_of(const std::string& name) const { return read_text(board(name, "flash")); }
  bool was_asked(const std::string& name) const { return fs::exists(board(name, "calls")); }

  static Words reasons(const FlashAnswer& answer) {
    Words reasons;
    for (const Json& device : answer.document["devices"]) {
      reasons.push_back(device["reason"].is_null() ? "" : device["reason"]);
    }
    return reasons;
  }

  // "PORT EVENT", line by line.
  static Words events(const FlashAnswer& answer, const Words& wanted) {
    Words events;
    std::istringstream lines(answer.err);
    for (std::string line; std::getline(lines, line);) {
      const Json event = Json::parse(line);
      const std::string kind = event["event"];
      if (std::find(wanted.begin(), wanted.end(), kind) != wanted.end()) {
        events.push_back(event["port"].get<std::string>() + " " + kind);
      }
    }
    return events;
  }
};

TEST_F(Fleet, AllBoardsGetWhatTheImageBackendMakes) {
  const FlashAnswer answer = run({"--port", "a", "--port", "b", "--port", "c", "board.json"});
  ASSERT_EQ(answer.status, 0) << answer.err;
  const std::string whole = image({"board.json"});
  Words ports;
  for (const Json& device : answer.document["devices"]) {
    const std::string name = device["port"];
    ports.push_back(name);
    EXPECT_EQ(device["ok"], true);
    EXPECT_EQ(device["device"]["mac"], mac(name));
    EXPECT_EQ(device["input"]["path"], "board.json");
    EXPECT_TRUE(flash_of(name) == whole) << name;
  }
  EXPECT_THAT(ports, ElementsAre("a", "b", "c"));
  ProcessOptions options;
  options.input = answer.document.dump();
  const ProcessResult judged = run_process({CHECK_JSON, "--whole", FLASH_SCHEMA}, options);
  EXPECT_EQ(judged.exit_status, 0) << judged.err;
}

TEST_F(Fleet, LinesOnStderrTellWhose) {
  give({"a"});
  foresee("b", "flash-id no-sync\n");
  const ProcessResult run =
      run_process({NODEFLASH, "flash", "--port", "a", "--port", "b", "--tries", "1", "board.json"},
                  surroundings(fake()));
  EXPECT_EQ(run.exit_status, 1);
  EXPECT_THAT(run.err, HasSubstr("nodeflash: a: 5c:cf:7f:00:00:0a had all of it already\n"));
  EXPECT_THAT(run.err, HasSubstr("b: error: no chip answers"));
  EXPECT_THAT(run.err, HasSubstr("nodeflash: 2 boards: 1 done, 1 failed\n"));
}

TEST_F(Fleet, OneThatFailsStopsNoOther) {
  give({"a", "c"});
  foresee("b", "* wrong-chip\n");
  const FlashAnswer answer = run({"--port", "a", "--port", "b", "--port", "c", "board.json"});
  EXPECT_EQ(answer.status, 1);
  EXPECT_EQ(answer.reason(), "wrong-chip");
  EXPECT_THAT(reasons(answer), ElementsAre("", "wrong-chip", ""));
  EXPECT_EQ(answer.document["devices"][1]["diagnostics"][0]["id"], "wrong-chip");
  EXPECT_EQ(answer.document["devices"][2]["was_there"], true);
}

TEST_F(Fleet, TheStatusIsThatOfTheFirstThatFailed) {
  foresee("b", "* busy\n");
  foresee("c", "* wrong-chip\n");
  const FlashAnswer answer = run({"--port", "b", "--port", "c", "board.json"});
  EXPECT_EQ(answer.status, 3);
  EXPECT_EQ(answer.reason(), "port-busy");
}

TEST_F(Fleet, AllAreWorkedOnAtOnce) {
  give({"b"});
  foresee("a", "flash-id hang\n");
  const ProcessResult run = shell(
      "$flash --events --port a --port b board.json >answer 2>events & run=$!\n"
      "until grep -q '\"end\".*\"b\"' events; do sleep 0.05; done\n"
      "kill -INT $run; wait $run; echo $?");
  EXPECT_EQ(run.out, "1\n");
  const FlashAnswer answer{1, Json::parse(read_text(folder_ / "answer")),
                           read_text(folder_ / "events")};
  EXPECT_THAT(reasons(answer), ElementsAre("interrupted", ""));
  EXPECT_THAT(events(answer, {"end"}), ElementsAre("b end", "a end"));
}

TEST_F(Fleet, OneIsWorkedOnAfterTheOtherWhereThatIsTold) {
  foresee("a", "* wrong-chip\n");
  foresee("b", "* wrong-chip\n");
  const FlashAnswer answer =
      run({"--events", "--jobs", "1", "--port", "a", "--port", "b", "board.json"});
  EXPECT_THAT(events(answer, {"begin", "end"}),
              ElementsAre("a begin", "a end", "b begin", "b end"));
}

TEST_F(Fleet, SeveralManifestsHaveTheirOwnPortsAndBoards) {
  write_text(folder_ / "first.json", manifest(R"({"port": "a", "mac": "5C:CF:7F:00:00:0A"})"));
  write_text(folder_ / "other.lua", "return 'other'");
  write_text(folder_ / "second.json",
             manifest(R"("b", {"port": "c", "mac": "5c:cf:7f:00:00:0d"})", "other.lua"));
  const FlashAnswer answer = run({"first.json", "second.json"});
  EXPECT_EQ(answer.status, 1);
  EXPECT_THAT(reasons(answer), ElementsAre("", "", "other-device"));
  EXPECT_EQ(answer.document["input"], nullptr);
  EXPECT_EQ(answer.document["devices"][1]["input"]["path"], "second.json");
  EXPECT_TRUE(flash_of("a") == image({"first.json"}));
  EXPECT_TRUE(flash_of("b") == image({"second.json"}));
  EXPECT_FALSE(fs::exists(board("c", "flash")));
}

TEST_F(Fleet, APlanKeepsThePortsOfItsManifest) {
  write_text(folder_ / "first.json", manifest(R"({"port": "a", "mac": "5c:cf:7f:00:00:0a"}, "b")"));
  const ProcessResult planned =
      run_process({NODEFLASH, "plan", "-q", "-o", "plan.json", "first.json"}, surroundings());
  ASSERT_EQ(planned.exit_status, 0) << planned.err;
  write_text(board("a", "mac"), mac("b"));
  foresee("b", "* no-sync\n");
  EXPECT_THAT(reasons(run({"--tries", "1", "plan.json"})), ElementsAre("other-device", "no-sync"));
}

TEST_F(Fleet, APatternIsAllItMatches) {
  fs::create_directory(folder_.path() / "dev");
  for (const char* name : {"a", "c"}) {
    fs::rename(folder_ / name, folder_.path() / "dev" / name);
    foresee(name, "* wrong-chip\n");
  }
  EXPECT_THAT(reasons(run({"--port", "dev/*", "board.json"})),
              ElementsAre("wrong-chip", "wrong-chip"));
  EXPECT_FALSE(was_asked("b"));
}

TEST_F(Fleet, NothingIsTouchedWhereTwoNamesAreOneBoard) {
  fs::create_symlink("a", folder_ / "link");
  const FlashAnswer twice = run({"--port", "b", "--port", "a", "--port", "link", "board.json"});
  EXPECT_EQ(twice.status, 1);
  EXPECT_EQ(twice.reason(), "same-port");
  write_text(folder_ / "first.json", manifest("\"a\""));
  write_text(folder_ / "second.json", manifest("\"link\""));
  EXPECT_EQ(run({"first.json", "second.json"}).reason(), "same-port");
  EXPECT_FALSE(was_asked("a") || was_asked("b"));
}

TEST_F(Fleet, NothingIsTouchedWhereAPortIsNotThere) {
  const FlashAnswer answer = run({"--port", "a", "--port", "nowhere", "board.json"});
  EXPECT_EQ(answer.status, 3);
  EXPECT_EQ(answer.reason(), "port-missing");
  EXPECT_FALSE(was_asked("a"));
}

TEST_F(Fleet, WhatIsForOneBoardIsNotForTwo) {
  for (const Words& words :
       std::vector<Words>{{"--port", "a", "--port", "b", "--mac", mac("a"), "board.json"},
                          {"--port", "a", "--port", "b", "--keep-page", "page", "board.json"},
                          {"--port", "a", "--mac", "mine", "board.json"},
                          {"--port", "a", "board.json", "board.json"},
                          {"board.json"}}) {
    const FlashAnswer answer = run(words);
    EXPECT_EQ(answer.status, 2) << answer.err;
    EXPECT_EQ(answer.reason(), "usage");
  }
  EXPECT_FALSE(was_asked("a"));
}

TEST_F(Fleet, ABoardThatAnotherWorksOnIsBusyAndStaysUntouched) {
  foresee("a", "read-flash hang\n");
  write_text(folder_ / "board.json", R"({"chip": "esp8266", "lfs": {"sources": ["main.lua"]}})");
  fs::create_symlink("a", folder_ / "link");
  const ProcessResult run = shell(
      "$flash --port a board.json >first & first=$!\n"
      "until grep -q read-flash a.board/calls; do sleep 0.05; done; cp a.board/calls before\n"
      "$flash --port link board.json >second; echo $?\n"
      "cmp a.board/calls before; kill -INT $first; wait $first; echo $?");
  EXPECT_EQ(run.out, "3\n1\n");
  EXPECT_EQ(Json::parse(read_text(folder_ / "second"))["reason"], "port-busy");
  EXPECT_EQ(Json::parse(read_text(folder_ / "first"))["reason"], "interrupted");
  foresee("a", "* wrong-chip\n");
  EXPECT_EQ(this->run({"--port", "a", "board.json"}).reason(), "wrong-chip");
}

TEST_F(Fleet, ASignalEndsAllInOrder) {
  foresee("a", "read-flash hang\n");
  foresee("b", "read-flash hang\n");
  fs::create_directory(folder_ / "tmp");
  write_text(folder_ / "board.json", R"({"chip": "esp8266", "lfs": {"sources": ["main.lua"]}})");
  const ProcessResult run = shell(
      "TMPDIR=$PWD/tmp $flash --jobs 2 --port a --port b --port c board.json >answer & run=$!\n"
      "for board in a b; do until grep -q read-flash $board.board/calls; do sleep 0.05; done; "
      "done\n"
      "kill -INT $run; wait $run; echo $?; pgrep -f \"[f]ake_esptool.*$PWD\"");
  EXPECT_EQ(run.out, "1\n");
  const FlashAnswer answer{1, Json::parse(read_text(folder_ / "answer")), ""};
  EXPECT_THAT(reasons(answer), Each("interrupted"));
  EXPECT_EQ(reasons(answer).size(), 3u);
  EXPECT_FALSE(was_asked("c"));
  EXPECT_TRUE(fs::is_empty(folder_ / "tmp"));
}

}  // namespace
}  // namespace flashstore::test
