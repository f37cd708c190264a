// nodeflash flash, by recordings of what esptool 4.8.1 and 5.3.1 did (support/fake_esptool), and by
// Espressif's own esptool-js on virtual chips.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <sstream>

#include "flashing.h"
#include "provision/esptool_failure.h"

namespace flashstore::test {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class FlashingByRecording : public Flashing, public testing::WithParamInterface<const char*> {
 protected:
  FlashingByRecording() {
    write_text(port_, "");
    write_text(folder_ / "flash", blank());
  }

  FlashAnswer run(const Words& plan, const Words& more = {}) {
    Words words{NODEFLASH, "flash", "--json", "--port", port_, "--esptool", FAKE_ESPTOOL};
    words.insert(words.end(), more.begin(), more.end());
    words.insert(words.end(), plan.begin(), plan.end());
    return answer(run_process(words, surroundings(fake())));
  }

  std::map<std::string, std::string> fake() const {
    return {{"FAKE_ESPTOOL_VERSION", GetParam()},
            {"FAKE_ESPTOOL_FOLDER", folder_.path()},
            {"FAKE_ESPTOOL_CHIP", chip_}};
  }

  bool is_version_5() const { return std::string(GetParam()).starts_with("5"); }

  // Where esptool has written since this was asked last.
  std::vector<size_t> writes() {
    std::vector<size_t> addresses;
    std::istringstream lines(read_text(folder_ / "writes"));
    for (std::string line; std::getline(lines, line);) {
      addresses.push_back(std::stoul(line, nullptr, 16));
    }
    write_text(folder_ / "writes", "");
    return addresses;
  }

  void foresee(const std::string& lines) { write_text(folder_ / "plan", lines); }

  std::vector<Words> calls() const {
    std::vector<Words> calls;
    std::istringstream lines(read_text(folder_ / "calls"));
    for (std::string line; std::getline(lines, line);) {
      calls.push_back(Json::parse(line));
    }
    return calls;
  }

  // As the version at hand has it.
  std::string spelled(std::string word) const {
    if (!is_version_5()) {
      std::replace(word.begin() + (word.starts_with("--") ? 2 : 0), word.end(), '-', '_');
    }
    return word;
  }

  // The calls with this verb.
  std::vector<Words> calls_to(const std::string& verb) const {
    std::vector<Words> found;
    for (const Words& call : calls()) {
      if (std::find(call.begin(), call.end(), spelled(verb)) != call.end()) {
        found.push_back(call);
      }
    }
    return found;
  }

  static std::string value(const Words& call, const std::string& option) {
    const auto found = std::find(call.begin(), call.end(), option);
    return found == call.end() || found + 1 == call.end() ? "" : found[1];
  }
};

INSTANTIATE_TEST_SUITE_P(Esptool, FlashingByRecording, testing::Values("4.8.1", "5.3.1"),
                         [](const auto& version) { return "V" + std::string(1, *version.param); });

TEST_P(FlashingByRecording, LeavesWhatTheImageBackendLeaves) {
  const FlashAnswer answer = run(everything());
  ASSERT_EQ(answer.status, 0) << answer.err;
  EXPECT_TRUE(flash() == image(everything()));
  EXPECT_EQ(answer.document["esptool"]["version"], GetParam());
  EXPECT_EQ(answer.device()["device"],
            Json({{"chip", "ESP8266EX"}, {"mac", "5c:cf:7f:00:00:01"}, {"flash_size", 4 << 20}}));
  EXPECT_THAT(answer.retries(), IsEmpty());

  ProcessOptions options;
  options.input = answer.document.dump();
  const ProcessResult judged = run_process({CHECK_JSON, "--whole", FLASH_SCHEMA}, options);
  EXPECT_EQ(judged.exit_status, 0) << judged.err;

  // Spelled as this version wants it.
  std::vector<Words> all = calls();
  EXPECT_THAT(all[0], ElementsAre("version"));
  EXPECT_THAT(all[1], ElementsAre("--chip", "esp8266", "--port", port_, "--baud", "460800",
                                  "--before", spelled("default-reset"), "--after",
                                  spelled("no-reset"), spelled("flash-id")));
  for (const char* option : {"--flash-mode", "--flash-freq", "--flash-size"}) {
    EXPECT_EQ(value(calls_to("write-flash").at(0), spelled(option)), "keep");
  }

  // Nothing runs before all is verified.
  EXPECT_EQ(value(all.back(), "--after"), spelled("hard-reset"));
  EXPECT_THAT(all[all.size() - 2], Contains(spelled("verify-flash")));
  all.pop_back();
  for (const Words& call : all) {
    EXPECT_THAT(call, Not(Contains(spelled("hard-reset"))));
  }
}

TEST_P(FlashingByRecording, KeepsHeadersAndVerifiesAllThatItWritesAndErases) {
  for (const char* chip : {"esp8266", "esp32"}) {
    chip_ = chip;
    write_text(folder_ / "flash", blank());
    write_text(folder_ / "calls", "");
    ASSERT_EQ(run(chip_ == "esp32" ? everything_esp32() : everything()).status, 0);
    size_t writes = 0;
    std::optional<Words> unverified;
    for (const Words& call : calls()) {
      const auto verb = [&](const char* name) {
        return testing::Matches(Contains(spelled(name)))(call);
      };
      if (verb("write-flash")) {
        ++writes;
        for (const char* option : {"--flash-mode", "--flash-freq", "--flash-size"}) {
          EXPECT_EQ(value(call, spelled(option)), "keep");
        }
      }
      if (verb("verify-flash")) {
        unverified.reset();
      } else if (verb("write-flash") || call.back() == "hard-reset") {
        EXPECT_FALSE(unverified.has_value());
      }
      if (verb("write-flash") || verb("erase-region")) {
        unverified = call;
      }
    }
    EXPECT_GE(writes, 1U);
    EXPECT_FALSE(unverified.has_value());
  }
}

TEST_P(FlashingByRecording, LeavesAloneWhatIsThereWhereEsptoolCan) {
  ASSERT_EQ(run(everything()).status, 0);
  const std::string before = flash();
  writes();
  write_text(folder_ / "main.lua", "print('new')\n");
  ASSERT_EQ(run(everything()).status, 0);
  EXPECT_TRUE(flash() == image(everything(), before));
  const auto written = writes();
  EXPECT_THAT(written, AllOf(Contains(0), Contains(kLfs)));
  EXPECT_EQ(std::count(written.begin(), written.end(), kPage), is_version_5() ? 0 : 1);
  for (const Words& call : calls_to("write-flash")) {
    EXPECT_EQ(std::count(call.begin(), call.end(), "--skip-flashed"), is_version_5() ? 1 : 0);
  }
}

TEST_P(FlashingByRecording, DoesNotWorkWithoutTheStubOnAnEsp8266) {
  const std::vector<std::pair<Words, const char*>> kPlans = {
      {everything(), "no-stub-erases-more"},
      // The device cannot be asked for it.
      {{"--lua", "main.lua", "--partitions", "device", "--flash-size", "4M"}, "no-table"},
  };
  for (const auto& [plan, reason] : kPlans) {
    EXPECT_EQ(run(plan, {"--no-stub"}).reason(), reason);
  }
  for (const Words& call : calls()) {
    EXPECT_THAT(call, ElementsAre("version"));
  }
  EXPECT_TRUE(is_untouched());
}

TEST_P(FlashingByRecording, WorksWithoutTheStubOnAnEsp32WhereEsptoolCan) {
  chip_ = "esp32";
  const FlashAnswer answer = run(everything_esp32(), {"--no-stub"});
  if (!is_version_5()) {
    EXPECT_EQ(answer.reason(), "no-stub-version");
    EXPECT_EQ(answer.status, 3);
    EXPECT_TRUE(is_untouched());
    return;
  }
  ASSERT_EQ(answer.status, 0) << answer.err;
  EXPECT_TRUE(flash() == image(everything_esp32()));
  for (const Words& call : calls()) {
    EXPECT_THAT(call, testing::AnyOf(ElementsAre("version"), Contains("--no-stub")));
  }
}

// What esptool said when it was recorded, and what that is called here.
TEST_P(FlashingByRecording, TellsReasonsApart) {
  const Json recording =
      Json::parse(read_text(FLASHSTORE_TEST_DATA "/esptool/" + std::string(GetParam()) + ".json"));
  struct Case {
    const char* verb;
    const char* outcome;
    const char* reason;
    bool may_pass;
    int status;
  };
  constexpr Case kCases[] = {
      {"flash-id", "no-port", "port-missing", false, 3},
      {"flash-id", "busy", "port-busy", false, 3},
      {"flash-id", "no-sync", "no-sync", true, 1},
      {"flash-id", "wrong-chip", "wrong-chip", false, 1},
      {"flash-id", "no-verb", "esptool-refused", false, 3},
      {"write-flash", "no-sync", "no-sync", true, 1},
      {"write-flash", "fast-line", "line-too-fast", true, 1},
      {"write-flash", "lost-reply", "line-failed", true, 1},
      {"write-flash", "power-cut", "line-failed", true, 1},
      {"write-flash", "refused", "write-refused", true, 1},
      {"write-flash", "bad-digest", "write-digest", true, 1},
      {"write-flash", "beyond-end", "past-end", false, 1},
      {"verify-flash", "mismatch", "verify-failed", false, 1},
  };
  for (const Case& wanted : kCases) {
    const Json& said = recording[wanted.verb][wanted.outcome];
    const auto failure = provision::failure_of(
        {.status = said["exit"],
         .output = said["out"].get<std::string>() + said["err"].get<std::string>()},
        "port");
    EXPECT_EQ(failure.problem.diagnostic.id, wanted.reason) << wanted.outcome;
    EXPECT_EQ(failure.problem.status, wanted.status) << wanted.outcome;
    EXPECT_EQ(failure.may_pass, wanted.may_pass) << wanted.outcome;
    EXPECT_THAT(failure.problem.diagnostic.message, Not(HasSubstr("\x1b")));
  }
}

// What is the same for all versions.
class FlashingABoard : public FlashingByRecording {};
INSTANTIATE_TEST_SUITE_P(Esptool, FlashingABoard, testing::Values("5.3.1"),
                         [](const auto&) { return "V5"; });

TEST_P(FlashingABoard, LeavesADeviceAloneThatHasItAll) {
  write_text(folder_ / "flash", image(everything()));
  const FlashAnswer answer = run(everything());
  ASSERT_EQ(answer.status, 0);
  EXPECT_EQ(answer.device()["was_there"], true);
  EXPECT_THAT(calls_to("write-flash"), IsEmpty());
  EXPECT_THAT(calls_to("erase-region"), IsEmpty());
}

TEST_P(FlashingABoard, WritesOnlyTheBlockThatChanged) {
  const std::string before = image(everything());
  write_text(folder_ / "flash", before);
  std::string firmware = read_text(folder_ / "fw.bin");
  firmware[0x45678] ^= 1;
  write_text(folder_ / "fw.bin", firmware);
  ASSERT_EQ(run(everything()).status, 0);
  EXPECT_TRUE(flash() == image(everything()));
  for (const size_t address : writes()) {
    const bool is_text = address > kPage && address < kLfs;
    EXPECT_EQ(is_text, address == 0x40000) << address;
  }
}

TEST_P(FlashingABoard, KnowsAChipThatIsSecured) {
  // As esptool has them in its sources.
  for (const char* said :
       {"Active security features detected, erasing flash is disabled as a safety measure.",
        "Secure Boot V1 detected, writing to flash regions < 0x8000 is disabled to protect the "
        "bootloader.",
        "Secure Boot detected, writing to flash regions < 0x8000 is disabled to protect the "
        "bootloader."}) {
    const auto failure = provision::failure_of(
        {.status = 2, .output = std::string("\nA fatal error occurred: ") + said + "\n"}, "port");
    EXPECT_EQ(failure.problem.diagnostic.id, "secured-device");
    EXPECT_FALSE(failure.may_pass);
  }
}

TEST_P(FlashingABoard, TriesAgainOnASlowerLineAndTellsOfItLineByLine) {
  foresee("write-flash lost-reply\n");
  const FlashAnswer answer = run(everything(), {"--events"});
  ASSERT_EQ(answer.status, 0) << answer.err;
  EXPECT_THAT(answer.retries(), ElementsAre("line-failed"));
  EXPECT_EQ(answer.device()["baud"], 230400);
  EXPECT_TRUE(flash() == image(everything()));
  Words kinds;
  std::istringstream lines(answer.err);
  for (std::string line; std::getline(lines, line);) {
    kinds.push_back(Json::parse(line)["event"]);
  }
  EXPECT_EQ(kinds.front(), "begin");
  EXPECT_EQ(kinds.back(), "end");
  EXPECT_THAT(kinds,
              AllOf(Contains("device"), Contains("step"), Contains("progress"), Contains("retry")));
}

TEST_P(FlashingABoard, GoesDownToALineThatCarriesItsBauds) {
  write_text(folder_ / "flash", image(everything()));
  foresee("max-baud 115200\n");
  const FlashAnswer answer = run(everything());
  ASSERT_EQ(answer.status, 0) << answer.err;
  EXPECT_THAT(answer.retries(), ElementsAre("line-too-fast", "line-too-fast"));
  EXPECT_EQ(answer.device()["baud"], 115200);
}

TEST_P(FlashingABoard, TakesTheBaudsAndTheTriesItIsGiven) {
  foresee("* no-sync\n* no-sync\n* no-sync\n");
  const FlashAnswer answer =
      run(lfs_only(), {"--baud", "921600", "--baud", "57600", "--tries", "2"});
  EXPECT_EQ(answer.reason(), "no-sync");
  EXPECT_EQ(calls().size(), 3U);
  EXPECT_EQ(value(calls().at(1), "--baud"), "921600");
  EXPECT_EQ(value(calls().at(2), "--baud"), "57600");
}

TEST_P(FlashingABoard, DoesNotTryAgainWhereThatIsOfNoUse) {
  foresee("* wrong-chip\n");
  EXPECT_EQ(run(everything()).reason(), "wrong-chip");
  EXPECT_EQ(calls().size(), 2U);
  EXPECT_TRUE(is_untouched());
}

TEST_P(FlashingABoard, EndsWhatHangs) {
  foresee("flash-id hang\n");
  const FlashAnswer answer = run(everything(), {"--timeout", "1", "--tries", "1"});
  EXPECT_EQ(answer.reason(), "timeout");
  EXPECT_EQ(answer.status, 1);
}

TEST_P(FlashingABoard, WantsAPortThatIsThere) {
  port_ = folder_ / "nowhere";
  const FlashAnswer answer = run(everything());
  EXPECT_EQ(answer.reason(), "port-missing");
  EXPECT_EQ(answer.status, 3);
}

TEST_P(FlashingABoard, RefusesAnotherDeviceThanTheOneThatIsWanted) {
  EXPECT_EQ(run(everything(), {"--mac", "5c:cf:7f:00:00:02"}).reason(), "other-device");
  EXPECT_TRUE(is_untouched());
  write_text(folder_ / "flash", image(everything()));
  EXPECT_EQ(run(everything(), {"--mac", "5C:CF:7F:00:00:01"}).status, 0);
}

TEST_P(FlashingABoard, RefusesALargerPlanThanTheFlashIs) {
  Words plan = everything();
  plan.insert(plan.end(), {"--flash-size", "8M"});
  EXPECT_EQ(run(plan).reason(), "other-flash");
  EXPECT_TRUE(is_untouched());
}

TEST_P(FlashingABoard, KeepsThePageThatTheDeviceHad) {
  Words old = everything();
  old.insert(old.end(), {"--lfs-size", "128K"});
  const std::string before = image(old);
  write_text(folder_ / "flash", before);
  const FlashAnswer answer = run(everything());
  ASSERT_EQ(answer.status, 0) << answer.err;
  EXPECT_EQ(answer.device()["page"], "5ccf7f000001.page");
  EXPECT_TRUE(read_text(folder_ / "5ccf7f000001.page") == before.substr(kPage, kSector));
}

TEST_P(FlashingABoard, PlansForTheTableThatTheDeviceHas) {
  Words old = everything();
  old.insert(old.end(), {"--lfs-size", "128K", "--lfs-addr", "0xa0000"});
  const std::string before = image(old);
  write_text(folder_ / "flash", before);
  fs::remove(folder_ / "main.lua");
  write_text(folder_ / "main.lua", "print('new')\n");
  const FlashAnswer answer = run(lfs_only());
  ASSERT_EQ(answer.status, 0) << answer.err;
  EXPECT_TRUE(flash() == image(lfs_only(), before));
  EXPECT_FALSE(flash() == before);
}

TEST_P(FlashingABoard, TakesNoPlanForAnotherTable) {
  write_text(folder_ / "device", image(everything()));
  const ProcessResult planned =
      run_process({NODEFLASH, "plan", "-o", "plan.json", "--device", "device", "--lua", "main.lua",
                   "--partitions", "device"},
                  surroundings());
  ASSERT_EQ(planned.exit_status, 0) << planned.err;
  Words other = everything();
  other.insert(other.end(), {"--lfs-size", "128K"});
  const std::string before = image(other);
  write_text(folder_ / "flash", before);
  EXPECT_EQ(run({"plan.json"}).reason(), "other-table");
  EXPECT_TRUE(flash() == before);
}

TEST_P(FlashingABoard, EndsInOrderWhenItIsInterrupted) {
  foresee("read-flash hang\n");
  const std::string script =
      "\"$0\" flash --json --port port --esptool \"$1\" --lua main.lua & run=$!\n"
      "until grep -q read-flash calls; do sleep 0.05; done; kill -INT $run; wait $run";
  ProcessOptions options = surroundings(fake());
  options.environment["TMPDIR"] = folder_ / "tmp";
  fs::create_directory(folder_ / "tmp");
  const FlashAnswer interrupted =
      answer(run_process({"bash", "-c", script, NODEFLASH, FAKE_ESPTOOL}, options));
  EXPECT_EQ(interrupted.reason(), "interrupted");
  EXPECT_EQ(interrupted.status, 1);
  EXPECT_TRUE(fs::is_empty(folder_ / "tmp"));
}

TEST_P(FlashingABoard, FindsEsptool) {
  const auto found_by = [&](std::map<std::string, std::string> environment) {
    environment.merge(fake());
    foresee("* wrong-chip\n");
    return answer(run_process({NODEFLASH, "flash", "--json", "--port", port_, "--lua", "main.lua"},
                              surroundings(environment)));
  };
  const auto command = [](const FlashAnswer& answer) {
    return answer.document["esptool"]["command"];
  };
  fs::create_directory(folder_ / "bin");
  const std::string bin = folder_ / "bin";
  EXPECT_EQ(found_by({{"PATH", bin}}).reason(), "no-esptool");
  EXPECT_EQ(found_by({{"PATH", bin}}).status, 3);
  fs::create_symlink("/usr/bin/env", bin + "/env");
  fs::create_symlink(fs::canonical("/usr/bin/python3"), bin + "/python3");
  EXPECT_EQ(found_by({{"PATH", bin}}).reason(), "no-esptool");
  fs::create_symlink(FAKE_ESPTOOL, bin + "/esptool.py");
  EXPECT_EQ(command(found_by({{"PATH", bin}})), Json({"esptool.py"}));
  fs::create_symlink(FAKE_ESPTOOL, bin + "/esptool");
  EXPECT_EQ(command(found_by({{"PATH", bin}})), Json({"esptool"}));
  EXPECT_EQ(command(found_by({{"ESPTOOL", "python3 " FAKE_ESPTOOL}})),
            Json({"python3", FAKE_ESPTOOL}));
  EXPECT_EQ(found_by({{"ESPTOOL", "true"}}).reason(), "strange-esptool");
  EXPECT_EQ(found_by({{"ESPTOOL", bin + "/nothing"}}).reason(), "no-esptool");
}

// The whole way: a real client, its protocol, a chip.

TEST_F(FlashingAChip, LeavesWhatTheImageBackendLeaves) {
  const FlashAnswer answer = run(everything());
  ASSERT_EQ(answer.status, 0) << answer.err;
  EXPECT_TRUE(flash() == image(everything()));
}

TEST_F(FlashingAChip, ChangesPartsOfADevice) {
  const std::string before = image(everything());
  write_text(folder_ / "flash", before);
  write_text(folder_ / "files/config", "a=2\n");
  const Words plan = {"--lilotafs", "files", "--partitions", "device"};
  const FlashAnswer answer = run(plan);
  ASSERT_EQ(answer.status, 0) << answer.err;
  EXPECT_TRUE(flash() == image(plan, before));
}

// After a cut a second run comes to the same end; where the first may try again, it does so itself.
class FlashingWithACut : public FlashingAChip, public testing::WithParamInterface<const char*> {};

std::vector<const char*> cuts() {
  if (std::getenv("FLASHSTORE_DEEP") != nullptr) {
    return {"cut-erase=0", "cut-erase=1", "cut-erase=2", "cut=0",     "cut=5000",
            "cut=40000",   "cut=60000",   "cut=70000",   "cut=100000"};
  }
  return {"cut-erase=1", "cut=40000"};
}

INSTANTIATE_TEST_SUITE_P(At, FlashingWithACut, testing::ValuesIn(cuts()), [](const auto& cut) {
  std::string name = cut.param;
  std::erase_if(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; });
  return name;
});

TEST_P(FlashingWithACut, ASecondRunConverges) {
  Words old = everything();
  old.insert(old.end(), {"--lfs-size", "128K"});
  const std::string before = image(old);
  write_text(folder_ / "flash", before);
  const FlashAnswer first = run(everything(), {GetParam()}, {"--tries", "1", "--timeout", "8"});
  EXPECT_EQ(first.status, 1) << first.err;
  const std::string whole = image(everything(), before);
  expect_no_halves(flash(), whole);
  const FlashAnswer second = run(everything());
  ASSERT_EQ(second.status, 0) << second.err;
  EXPECT_TRUE(flash() == whole);
}

TEST_F(FlashingAChip, DoesNotTouchAgainWhatIsComplete) {
  write_text(folder_ / "flash", image(everything()));
  write_text(folder_ / "main.lua", "print('new')\n" + read_text(folder_ / "main.lua"));
  const std::string before = flash();
  // In the head of LFS, behind its body.
  const std::string whole = image(lfs_only(), before);
  const size_t body = whole.find_last_not_of('\xFF', 0xA3FFF) - kLfs - kSector;
  const FlashAnswer answer =
      run(lfs_only(), {"cut=" + std::to_string((body / kSector + 1) * kSector + 8)});
  ASSERT_EQ(answer.status, 0) << answer.err;
  EXPECT_THAT(answer.retries(), ElementsAre("line-failed"));
  EXPECT_TRUE(flash() == whole);
  EXPECT_EQ(erases_of(kLfs + kSector), 1);
  EXPECT_EQ(erases_of(kLfs), 3);  // given up, and by two tries to write it
}

}  // namespace
}  // namespace flashstore::test
