// What the original luac.cross did, run by run (tests/data/lfs/expected/manifest.json), and what
// ours does.
//
// Where ours answers differently on purpose, tests/data/lfs/differences.json says what it answers
// and why; an entry that turns out to be no difference fails.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "support/files.h"
#include "support/process.h"

namespace flashstore::test {
namespace {

using nlohmann::json;

const std::string kData = FLASHSTORE_TEST_DATA "/lfs";
constexpr const char* kOldOutput = "what was there before\n";

const json& manifest() {
  static const json parsed = json::parse(read_text(kData + "/expected/manifest.json"));
  return parsed;
}

// By name and flavour: {reason, exit, stdout, stderr (its first line), and output (SHA-256 of the
// payload, or of the file if it is not compressed; null: the old file stays)}. A listing that
// differs is named by its file: {reason, listing (SHA-256)}.
const json& differences() {
  static const json parsed = json::parse(read_text(kData + "/differences.json"));
  return parsed;
}

// What a run shows to the outside. What it says beside its success is its own affair.
json observed(int exit_status, const std::string& out, const std::string& err, const json& output) {
  return {{"exit", exit_status},
          {"stdout", out},
          {"stderr", exit_status == 0 ? "" : err.substr(0, err.find('\n'))},
          {"output", output}};
}

json recorded_answer(const json& run) {
  json output;
  if (run["exit_code"] == 0 && run["output_option"] != nullptr) {
    output = run.value("payload_sha256", run.value("output_sha256", json()));
  }
  return observed(run["exit_code"], run["stdout_text"].is_string() ? run["stdout_text"] : json(""),
                  run["stderr"], output);
}

bool is_gzip(const std::string& file) {
  return file.starts_with("\x1f\x8b");
}

json content_digest(const std::string& file) {
  return sha256(is_gzip(file) ? gunzip(file) : file);
}

json our_answer(const json& run) {
  const TemporaryFolder folder;
  const json& name = run["output_option"];  // null: there was no -o
  const bool to_stdout = name == "-";
  const std::string output = folder / "out";
  write_text(output, kOldOutput);

  std::vector<std::string> words{LUAC_CROSS, "--target", run["flavour"]};
  for (const std::string option : run["options"]) {
    words.push_back(option);
  }
  if (!name.is_null()) {
    words.insert(words.end(), {"-o", name == "<file>" ? output : name.get<std::string>()});
  }
  for (const std::string file : run["files"]) {
    words.push_back(file);
  }
  ProcessOptions options;
  options.directory = kData + "/src";
  options.environment = {{"SOURCE_DATE_EPOCH", std::to_string(run["time"].get<int64_t>())}};
  if (run.contains("stdin_sha256")) {
    const std::string chunk = read_text(kData + "/src/stdin_chunk.txt");
    options.input = run["stdin_sha256"] == sha256(chunk) ? chunk : "";
  }

  ProcessResult result = run_process(words, options);
  const std::string prefix = std::string(LUAC_CROSS) + ": ";
  if (result.err.starts_with(prefix)) {
    result.err.replace(0, prefix.size(), "luac.cross: ");
  }
  json content;
  if (to_stdout && result.exit_status == 0) {
    content = content_digest(result.out);
    result.out.clear();
  } else if (read_text(output) != kOldOutput) {
    content = content_digest(read_text(output));
  }
  if (std::count(run["options"].begin(), run["options"].end(), "-l") != 0) {
    result.out.clear();  // listings were recorded apart: see Listing
  }
  return observed(result.exit_status, result.out, result.err, content);
}

std::string key_of(const json& run) {
  return run["name"].get<std::string>() + "." + run["flavour"].get<std::string>();
}

// One record of the manifest; failures show its name.
struct Run {
  json record;
};

void PrintTo(const Run& run, std::ostream* stream) {
  *stream << key_of(run.record);
}

std::vector<Run> recorded_runs() {
  std::vector<Run> runs;
  for (const json& record : manifest()["builds"]) {
    runs.push_back({record});
  }
  return runs;
}

class RecordedRun : public testing::TestWithParam<Run> {};

TEST_P(RecordedRun, IsAnsweredAsTheOriginalOrAsTheListOfDifferencesSays) {
  const json& run = GetParam().record;
  const json answer = our_answer(run);
  const json recorded = recorded_answer(run);
  const auto difference = differences().find(key_of(run));
  if (difference == differences().end()) {
    EXPECT_EQ(answer.dump(1), recorded.dump(1));
    return;
  }
  EXPECT_NE(answer, recorded) << "no difference any more: remove its entry";
  json wanted = *difference;
  wanted.erase("reason");
  EXPECT_EQ(answer.dump(1), wanted.dump(1));
}

// A test's name may only have letters, digits and underscores.
std::string as_test_name(size_t index, std::string name) {
  for (char& c : name) {
    c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  }
  return std::to_string(index) + "_" + name;
}

INSTANTIATE_TEST_SUITE_P(Original, RecordedRun, testing::ValuesIn(recorded_runs()),
                         [](const testing::TestParamInfo<Run>& run) {
                           return as_test_name(run.index, key_of(run.param.record));
                         });

// A listing with its addresses, which differ from run to run of the original, taken out.
std::string without_addresses(const std::string& listing) {
  return std::regex_replace(listing, std::regex("0x[0-9a-f]+"), "ADDR");
}

class Listing : public testing::TestWithParam<std::string> {};

TEST_P(Listing, IsTheOriginals) {
  const std::filesystem::path recorded = kData + "/expected/lst/" + GetParam();
  const std::string flavour = recorded.stem().extension().string().substr(1);
  std::string name = recorded.stem().stem().string();
  std::vector<std::string> words{LUAC_CROSS, "--target", flavour, "-l", "-l", "-p"};
  if (name == "master_app") {
    words.insert(words.end(), {"-f", "app/main.lua", "app/util.lua"});
  } else {
    words.push_back(name == "app_main" ? "app/main.lua" : name + ".lua");
  }
  ProcessOptions options;
  options.directory = kData + "/src";
  options.environment = {{"SOURCE_DATE_EPOCH", "1518283691"}};
  const std::string listing = without_addresses(run_process(words, options).out);
  const auto difference = differences().find(recorded.filename().string());
  if (difference == differences().end()) {
    EXPECT_EQ(listing, read_text(recorded));
    return;
  }
  EXPECT_NE(listing, read_text(recorded)) << "no difference any more: remove its entry";
  EXPECT_EQ(sha256(listing), (*difference)["listing"]);
}

std::vector<std::string> recorded_listings() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(kData + "/expected/lst")) {
    files.push_back(entry.path().filename().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

INSTANTIATE_TEST_SUITE_P(Original, Listing, testing::ValuesIn(recorded_listings()),
                         [](const testing::TestParamInfo<std::string>& listing) {
                           return as_test_name(listing.index, listing.param);
                         });

TEST(Differences, EachNamesARecordedRunOrListing) {
  for (const auto& [key, entry] : differences().items()) {
    EXPECT_FALSE(entry["reason"].get<std::string>().empty()) << key;
    if (entry.contains("listing")) {
      EXPECT_TRUE(std::filesystem::exists(kData + "/expected/lst/" + key)) << key;
      continue;
    }
    const auto& builds = manifest()["builds"];
    EXPECT_TRUE(std::any_of(builds.begin(), builds.end(), [&key = key](const json& run) {
      return key_of(run) == key;
    })) << key;
  }
}

}  // namespace
}  // namespace flashstore::test
