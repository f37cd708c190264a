// nodeflash flash after a run that was interrupted: what is done stays done.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "flashing.h"

namespace flashstore::test {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;

constexpr const char* kJournal = "state/nodeflash/5ccf7f000001.json";

size_t done_in(const std::string& journal) {
  return Json::parse(read_text(journal))["done"].size();
}

// By recordings of esptool.
class Resuming : public Flashing {
 protected:
  Resuming() {
    write_text(port_, "");
    write_text(folder_ / "flash", blank());
  }

  FlashAnswer run(const Words& more = {}) {
    Words words{NODEFLASH, "flash", "--json", "--port", port_, "--tries", "1"};
    words.insert(words.end(), more.begin(), more.end());
    const Words plan = everything();
    words.insert(words.end(), plan.begin(), plan.end());
    return answer(run_process(words, surroundings(fake())));
  }

  // "$flash" is the command line, but for the port; the time is that of now.
  ProcessResult shell(const std::string& script) {
    ProcessOptions options = surroundings(fake());
    options.environment["flash"] =
        NODEFLASH " flash --json --firmware fw.bin --lua main.lua --lilotafs files --tries 1";
    return run_process({"bash", "-c", "unset SOURCE_DATE_EPOCH\n" + script}, options);
  }

  std::map<std::string, std::string> fake() const {
    return {{"ESPTOOL", FAKE_ESPTOOL}, {"FAKE_ESPTOOL_FOLDER", folder_.path()}};
  }
  void foresee(const std::string& lines) { write_text(folder_ / "plan", lines); }

  int calls_to(const std::string& verb) const {
    std::ifstream lines(folder_ / "calls");
    int count = 0;
    for (std::string line; std::getline(lines, line);) {
      count += line.find('"' + verb + '"') != std::string::npos ? 1 : 0;
    }
    return count;
  }
};

TEST_F(Resuming, GoesOnWhereASignalStoppedItWithTheTimeOfThatRun) {
  foresee("write-flash hang\n");
  const ProcessResult run = shell(
      "$flash --port port >first & run=$!\n"
      "until grep -q write-flash calls; do sleep 0.05; done; kill -INT $run; wait $run; echo $?\n"
      "mv calls before; sleep 1.1; $flash --port port >second; echo $?");
  EXPECT_EQ(run.out, "1\n0\n") << run.err;
  EXPECT_EQ(Json::parse(read_text(folder_ / "first"))["reason"], "interrupted");
  const Json second = Json::parse(read_text(folder_ / "second"))["devices"][0];
  // The partition page is blank: it was read, and what boots was erased. That is not done again.
  EXPECT_GE(second["steps_before"], 3);
  EXPECT_EQ(calls_to("erase-region"), 0);
  EXPECT_EQ(calls_to("read-flash"), 0);
  EXPECT_FALSE(fs::exists(folder_ / kJournal));
}

TEST_F(Resuming, TellsThatItDoes) {
  foresee("write-flash power-cut\n");
  Words words{NODEFLASH, "flash", "--port", port_, "--tries", "1"};
  const Words plan = everything();
  words.insert(words.end(), plan.begin(), plan.end());
  const ProcessResult first = run_process(words, surroundings(fake()));
  EXPECT_EQ(first.exit_status, 1);
  EXPECT_THAT(first.err, HasSubstr(" steps done; the same call goes on there\n"));
  words.push_back("--events");
  const ProcessResult second = run_process(words, surroundings(fake()));
  EXPECT_EQ(second.exit_status, 0) << second.err;
  EXPECT_THAT(second.err, HasSubstr("{\"event\":\"resume\",\"step\":"));
}

TEST_F(Resuming, BeginsAnewWithAnotherPlan) {
  foresee("write-flash power-cut\n");
  ASSERT_EQ(run().status, 1);
  ASSERT_GE(done_in(folder_ / kJournal), 3u);
  write_text(folder_ / "main.lua", "return 'other'");
  const FlashAnswer answer = run();
  EXPECT_EQ(answer.status, 0) << answer.err;
  EXPECT_EQ(answer.device()["steps_before"], 0);
  EXPECT_TRUE(flash() == image(everything()));
}

TEST_F(Resuming, ItsJournalIsAsItsSchemaSays) {
  foresee("write-flash power-cut\n");
  ASSERT_EQ(run().status, 1);
  ProcessOptions options;
  options.input = read_text(folder_ / kJournal);
  const ProcessResult judged = run_process({CHECK_JSON, "--whole", JOURNAL_SCHEMA}, options);
  EXPECT_EQ(judged.exit_status, 0) << judged.err;
}

TEST_F(Resuming, BelievesTheFlashMoreThanTheJournal) {
  foresee("write-flash power-cut\n");
  ASSERT_EQ(run().status, 1);
  write_text(folder_ / "flash", std::string(kFlashBytes, '\0'));
  const std::string whole = image(everything(), flash());
  const FlashAnswer answer = run();
  EXPECT_EQ(answer.status, 0) << answer.err;
  EXPECT_TRUE(flash() == whole);
}

TEST_F(Resuming, SaysThatAJournalIsDamagedAndDoesWithout) {
  fs::create_directories(folder_.path() / "state/nodeflash");
  write_text(folder_ / kJournal, "{");
  write_text(folder_ / "flash", image(everything()));
  const FlashAnswer answer = run();
  EXPECT_EQ(answer.status, 0);
  EXPECT_EQ(answer.device()["diagnostics"][0]["id"], "bad-journal");
  EXPECT_EQ(answer.device()["diagnostics"][0]["severity"], "warning");
  EXPECT_FALSE(fs::exists(folder_ / kJournal));
}

TEST_F(Resuming, WantsTheFolderItIsGiven) {
  const FlashAnswer answer = run({"--journal", "fw.bin/folder"});
  EXPECT_EQ(answer.status, 3);
  EXPECT_EQ(answer.reason(), "unwritable");
  EXPECT_TRUE(is_untouched());
  foresee("write-flash power-cut\n");
  EXPECT_EQ(run({"--journal", "mine"}).status, 1);
  EXPECT_TRUE(fs::exists(folder_ / "mine/5ccf7f000001.json"));
  EXPECT_FALSE(fs::exists(folder_ / "state"));
}

TEST_F(Resuming, OneBoardAtTwoPortsIsBusyAtTheSecond) {
  foresee("write-flash hang\n");
  write_text(folder_ / "other", "");
  const ProcessResult run = shell(
      "$flash --port port >first & run=$!\n"
      "until grep -q write-flash calls; do sleep 0.05; done\n"
      "$flash --port other >second; echo $?; kill -INT $run; wait $run");
  EXPECT_EQ(run.out, "3\n") << run.err;
  EXPECT_EQ(Json::parse(read_text(folder_ / "second"))["reason"], "device-busy");
  EXPECT_EQ(calls_to("write-flash"), 1);
}

// A partition page, LFS and files: before the last two steps 20,480 bytes are programmed by two
// calls.
Words little() {
  return {"--lua",        "main.lua", "--lilotafs", "files",   "--partitions", "default",
          "--flash-size", "4M",       "--lfs-addr", "0xa0000", "--lfs-size",   "64K",
          "--fs-addr",    "1M",       "--fs-size",  "64K"};
}

// The whole way, where power goes, or the board is pulled off.
class ResumingAChip : public FlashingAChip, public testing::WithParamInterface<const char*> {
 protected:
  // Addresses of the steps that are done, and written.
  std::vector<size_t> written() const {
    std::vector<size_t> addresses;
    const Json journal = Json::parse(read_text(folder_ / kJournal));
    for (const Json& step : journal["done"]) {
      if (step["op"] == "write") {
        addresses.push_back(step["address"]);
      }
    }
    return addresses;
  }
};

INSTANTIATE_TEST_SUITE_P(After, ResumingAChip,
                         testing::Values("cut=22000", "silence=FLASH_DEFL_DATA:3"),
                         [](const auto& fault) {
                           return std::string(fault.param, std::string(fault.param).find('='));
                         });

TEST_P(ResumingAChip, DoesNoVerifiedStepAgain) {
  const Words options = {"--tries", "1", "--timeout", "8"};
  const FlashAnswer first = run(little(), {GetParam()}, options);
  EXPECT_EQ(first.status, 1) << first.err;
  const size_t done = done_in(folder_ / kJournal);
  const std::vector<size_t> addresses = written();
  ASSERT_EQ(addresses.size(), 2u);
  std::vector<int> erases;
  for (const size_t address : addresses) {
    erases.push_back(erases_of(address));
  }
  const FlashAnswer second = run(little(), {}, options);
  ASSERT_EQ(second.status, 0) << second.err;
  EXPECT_EQ(second.device()["steps_before"], done);
  EXPECT_TRUE(flash() == image(little()));
  EXPECT_FALSE(fs::exists(folder_ / kJournal));
  for (size_t i = 0; i < addresses.size(); ++i) {
    EXPECT_EQ(erases_of(addresses[i]), erases[i]) << std::hex << addresses[i];
  }
}

// Three boards at once, one of which loses its power.
TEST_F(FlashingAChip, OfThreeOneFailsAndIsFinishedByTheNextRun) {
  const auto flash_all = [this](const std::string& fault) {
    Words words;
    for (const char* name : {"1", "2", "3"}) {
      const std::string file = folder_ / name;
      words.insert(words.end(), {VIRTUAL_CHIP, "--flash", file + ".flash", "--link", file, "--mac",
                                 "5c:cf:7f:00:00:0" + std::string(name)});
      if (!fault.empty() && *name == '2') {
        words.insert(words.end(), {"--fault", fault});
      }
      words.emplace_back("--");
    }
    words.insert(words.end(), {NODEFLASH, "flash", "--json", "--tries", "1", "--timeout", "8"});
    for (const char* name : {"1", "2", "3"}) {
      words.insert(words.end(), {"--port", folder_ / name});
    }
    const Words plan = little();
    words.insert(words.end(), plan.begin(), plan.end());
    return answer(run_process(words, surroundings({{"ESPTOOL", ESPTOOL_JS}})));
  };
  const FlashAnswer first = flash_all("cut=22000");
  EXPECT_EQ(first.status, 1);
  const auto& devices = first.document["devices"];
  EXPECT_EQ(devices[0]["ok"], true) << first.err;
  EXPECT_EQ(devices[1]["ok"], false);
  EXPECT_EQ(devices[2]["ok"], true) << first.err;
  const FlashAnswer second = flash_all("");
  EXPECT_EQ(second.status, 0) << second.err;
  EXPECT_EQ(second.document["devices"][0]["was_there"], true);
  EXPECT_GT(second.document["devices"][1]["steps_before"], 0);
  const std::string whole = image(little());
  for (const char* name : {"1.flash", "2.flash", "3.flash"}) {
    EXPECT_TRUE(read_text(folder_ / name) == whole) << name;
  }
}

}  // namespace
}  // namespace flashstore::test
