// The files the original loader was fed (tests/data/lfs/loader), put to `lfsimg verify`: what it
// booted is accepted; what it refused, crashed on or could not boot is refused, each flaw by name.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "support/files.h"
#include "support/process.h"

namespace flashstore::test {
namespace {

using nlohmann::json;

const std::string kLoader = FLASHSTORE_TEST_DATA "/lfs/loader/";

// By the name of the vector: the id of the finding. All others are accepted.
const std::map<std::string, std::string> kRefused{
    {"fextra0", "empty-extra"},
    {"reserved-flag", "reserved-flags"},
    {"window15-dist-over-16384", "distance-beyond-window"},
    {"gzip-9", "distance-beyond-window"},
    {"partition-too-small", "too-large"},
    {"partition-none", "no-partition"},
    {"missing-file", "unreadable"},
    {"empty-file", "empty"},
    {"short-200", "truncated"},
    {"short-201", "truncated"},
    {"zeros-300", "blank"},
    {"text-300", "text"},
    {"bad-magic1", "bad-magic"},
    {"bad-magic2", "bad-magic"},
    {"bad-method", "bad-method"},
    {"raw-payload", "payload-image"},
    {"absolute-image", "absolute-image"},
    {"crc-wrong", "data-checksum"},
    {"isize-plus4", "data-size"},
    {"isize-plus2048", "data-size"},
    {"isize-minus4", "data-size"},
    {"trailing-zero-byte", "trailing-data"},
    {"trailing-4-bytes", "trailing-data"},
    {"truncated-half", "truncated"},
    {"truncated-8", "truncated"},
    {"truncated-1", "truncated"},
    {"sig-version0", "version"},
    {"sig-version2", "version"},
    {"sig-version-nibble0", "version"},
    {"sig-dword-on-float", "flavour"},
    {"sig-int-on-float", "flavour"},
    {"sig-float-on-int", "flavour"},
    {"sig-int-bit-on-float", "signature"},
    {"sig-junk-high", "signature"},
    {"sig-inprogress", "in-progress"},
    {"size-zero", "size"},
    {"size-odd", "size"},
    {"size-plus4", "payload-length"},
    {"size-minus4", "payload-length"},
    {"size-minus128", "payload-length"},
    {"size-huge", "too-large"},
    {"size-negative", "too-large"},
    {"no-bitmap", "payload-length"},
    {"bitmap-extra-word", "payload-length"},
    {"header-only", "payload-length"},
    {"main-zero", "main"},
    {"hash-ones", "hash-vector"},
    {"byte0-match", "match-of-first-byte"},
    {"dist-16385", "distance-beyond-window"},
    {"lensym-287", "bad-length-symbol"},
    {"blocktype-3", "bad-block-type"},
    {"stored-badlen", "stored-length"},
    {"overlong-stream", "payload-length"},
    {"no-final-eob", "payload-length"},
    {"bitflip-11", "distance-before-start"},
    {"bitflip-40", "distance-before-start"},
    {"bitflip-200", "data-checksum"},
    {"bitflip-700", "data-checksum"},
    {"bitflip-1500", "distance-before-start"},
    // What got past the original by luck, or which it wrote and could not boot.
    {"main-outside", "main"},
    {"lensym-286", "bad-length-symbol"},
    {"distsym-30", "bad-distance-symbol"},
    {"two-members", "second-member"},
    {"sig-absolute-bit", "absolute"},
};

const std::set<std::string> kLuck{"lensym-286", "distsym-30", "two-members", "sig-absolute-bit"};

bool booted(const json& vector) {
  const std::string after = vector["boot_after"];
  return vector["outcome"].get<std::string>().starts_with("rebooted") &&
         after.starts_with("LIST:") && after != "LIST:nil";
}

json verify(const json& vector, int& exit_status) {
  const std::string file =
      kLoader + (vector["file"].is_null() ? "there-is-none" : vector["file"].get<std::string>());
  const ProcessResult run = run_process(
      {LFSIMG, "verify", "--json", "--partition", std::to_string(vector["partition"].get<int>()),
       "--firmware", vector["device"] == "dev32int" ? "int" : "float", file});
  exit_status = run.exit_status;
  return json::parse(run.out);
}

TEST(LfsimgVectors, AreJudgedAsTheOriginalFaredWithThem) {
  const json vectors = json::parse(read_text(kLoader + "loader.json"));
  ASSERT_EQ(vectors.size(), 81u);
  size_t refused = 0;
  for (const json& vector : vectors) {
    const std::string name = vector["name"];
    SCOPED_TRACE(name);
    int exit_status = -1;
    const json answer = verify(vector, exit_status);
    const auto expected = kRefused.find(name);
    EXPECT_EQ(expected == kRefused.end(), booted(vector) && !kLuck.contains(name));
    if (expected == kRefused.end()) {
      EXPECT_EQ(exit_status, 0);
      EXPECT_EQ(answer["diagnostics"], json::array());
      continue;
    }
    ++refused;
    EXPECT_EQ(exit_status, vector["file"].is_null() ? 3 : 1);
    ASSERT_EQ(answer["diagnostics"].size(), 1u);
    const json& found = answer["diagnostics"][0];
    EXPECT_EQ(found["id"], expected->second);
    const bool luck = found["message"].get<std::string>().find("by luck") != std::string::npos;
    EXPECT_EQ(luck, kLuck.contains(name) || name == "lensym-287") << found["message"];
  }
  EXPECT_EQ(refused, kRefused.size());
}

}  // namespace
}  // namespace flashstore::test
