// Every exit status lfsimg documents, from each verb that can have it, by a real invocation.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "support/files.h"
#include "support/process.h"

namespace flashstore::test {
namespace {

const std::string kData = FLASHSTORE_TEST_DATA "/lfs/";
const std::string kImage = kData + "loader/ok-reference.bin";
const std::string kOther = kData + "loader/ok-all-small.bin";
const std::string kAbsolute = kData + "loader/absolute-image.bin";
const std::string kDamaged = kData + "loader/crc-wrong.bin";
const std::string kText = kData + "src/assign.lua";
const std::string kMissing = kData + "there-is-none";

struct Invocation {
  int exit_status;
  std::vector<std::string> words;  // OUT stands for a file that holds something, in a new folder
};

const std::vector<Invocation> kInvocations{
    {0, {"--help"}},
    {0, {"--version"}},
    {2, {}},
    {2, {"--frobnicate"}},
    {2, {"inspect", kImage}},
    {2, {"--color", "mauve", "ls", kImage}},

    {0, {"info", kImage}},
    {1, {"info", kDamaged}},
    {1, {"info", kText}},
    {2, {"info"}},
    {2, {"info", kImage, kImage}},
    {3, {"info", kMissing}},
    {3, {"info", kData}},

    {0, {"ls", "-l", kImage}},
    {1, {"ls", kText}},
    {2, {"ls", "--wide", kImage}},
    {3, {"ls", kMissing}},

    {0, {"strings", kImage}},
    {1, {"strings", kText}},
    {2, {"strings"}},
    {3, {"strings", kMissing}},

    {0, {"verify", kImage}},
    {0, {"verify", "--base", "0x402a0000", kAbsolute}},
    {1, {"verify", kDamaged}},
    {1, {"verify", "--firmware", "int", kImage}},
    {1, {"verify", "--partition", "4K", kImage}},
    {1, {"verify", kAbsolute}},
    {1, {"verify", "--base", "0x402a0000", kImage}},
    {2, {"verify", "--partition", "much", kImage}},
    {2, {"verify", "--base", "0x402a0001", kImage}},
    {2, {"verify", "--firmware", "double", kImage}},
    {3, {"verify", kMissing}},

    {0, {"relocate", "--base", "0x40280000", "-o", "OUT", kImage}},
    {0, {"relocate", "--relocatable", "-o", "OUT", kAbsolute}},
    {1, {"relocate", "--relocatable", "-o", "OUT", kDamaged}},
    {1, {"relocate", "--base", "0x40280000", "-o", "OUT", kText}},
    {2, {"relocate", "-o", "OUT", kImage}},
    {2, {"relocate", "--relocatable", kImage}},
    {2, {"relocate", "--base", "0x40280000", "--relocatable", "-o", "OUT", kImage}},
    {2, {"relocate", "--relocatable", "--compress", "much", "-o", "OUT", kImage}},
    {2, {"relocate", "--base", "0x40280000", "-o", "OUT", "OUT"}},
    {3, {"relocate", "--base", "0x40280000", "-o", "/nowhere/out", kImage}},
    {3, {"relocate", "--base", "0x40280000", "-o", "OUT", kMissing}},
};

TEST(LfsimgExitStatus, IsAsDocumentedAndOnlySuccessWritesFiles) {
  for (const Invocation& invocation : kInvocations) {
    const TemporaryFolder folder;
    const std::string output = folder / "out";
    write_text(output, "what was there before\n");
    std::vector<std::string> words{LFSIMG};
    std::string shown;
    for (const std::string& word : invocation.words) {
      words.push_back(word == "OUT" ? output : word);
      shown += " " + word;
    }
    SCOPED_TRACE(shown);
    const ProcessResult run = run_process(words);
    EXPECT_EQ(run.exit_status, invocation.exit_status) << run.err;
    EXPECT_EQ(run.err.find("error: ") != std::string::npos, run.exit_status != 0) << run.err;
    const bool is_written = read_text(output) != "what was there before\n";
    EXPECT_EQ(is_written, run.exit_status == 0 && shown.find("OUT") != std::string::npos);
    size_t files = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path())) {
      ++files;
    }
    EXPECT_EQ(files, 1u);  // no temporary file is left
  }
}

// With --json there is one document for each, and it says the same.
TEST(LfsimgExitStatus, IsInTheJsonDocument) {
  for (const Invocation& invocation : kInvocations) {
    if (invocation.words.empty() || invocation.words[0].starts_with("--")) {
      continue;
    }
    const TemporaryFolder folder;
    const std::string output = folder / "out";
    write_text(output, "");
    std::vector<std::string> words{LFSIMG, "--json"};
    for (const std::string& word : invocation.words) {
      words.push_back(word == "OUT" ? output : word);
    }
    SCOPED_TRACE(testing::PrintToString(invocation.words));
    const ProcessResult run = run_process(words);
    EXPECT_EQ(run.exit_status, invocation.exit_status);
    const auto document = nlohmann::json::parse(run.out);
    EXPECT_EQ(document["ok"], run.exit_status == 0);
    EXPECT_EQ(document["diagnostics"].empty(), run.exit_status == 0);
  }
}

}  // namespace
}  // namespace flashstore::test
