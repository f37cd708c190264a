// The files that were fed to the original loader (data/lfs/loader): what the envelope alone says of
// them by the rules of a device. A file the loader refused for what is in the image passes here.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "core/gunzip_both.h"
#include "support/files.h"

namespace flashstore::core {
namespace {

using enum InflateError;

const std::string kFolder = FLASHSTORE_TEST_DATA "/lfs/loader/";

struct Flaw {
  InflateError error;
  size_t input_offset;
  uint32_t output_bytes;
};

// Every other vector that has a file is a good envelope.
const std::map<std::string, Flaw> kRefused = {
    {"fextra0", {kEmptyExtra, 11, 0}},
    {"reserved-flag", {kReservedFlags, 3, 0}},
    {"window15-dist-over-16384", {kDistanceBeyondWindow, 5526, 17732}},
    {"gzip-9", {kDistanceBeyondWindow, 5309, 17732}},
    {"empty-file", {kTruncated, 0, 0}},
    {"short-200", {kTruncated, 200, 485}},
    {"short-201", {kTruncated, 201, 485}},
    {"zeros-300", {kBadMagic, 0, 0}},
    {"text-300", {kBadMagic, 0, 0}},
    {"bad-magic1", {kBadMagic, 0, 0}},
    {"bad-magic2", {kBadMagic, 1, 0}},
    {"bad-method", {kBadMethod, 2, 0}},
    {"raw-payload", {kBadMagic, 0, 0}},
    {"absolute-image", {kBadMagic, 0, 0}},
    {"crc-wrong", {kDataChecksum, 2245, 5108}},
    {"isize-plus4", {kDataSize, 2249, 5108}},
    {"isize-plus2048", {kDataSize, 2249, 5108}},
    {"isize-minus4", {kDataSize, 2249, 5108}},
    {"trailing-zero-byte", {kTrailingData, 2475, 5108}},
    {"trailing-4-bytes", {kTrailingData, 2475, 5108}},
    {"truncated-half", {kTruncated, 1237, 2447}},
    {"truncated-8", {kTruncated, 2467, 5108}},
    {"truncated-1", {kTruncated, 2474, 5108}},
    {"byte0-match", {kMatchOfFirstByte, 36, 24}},
    {"dist-16385", {kDistanceBeyondWindow, 16504, 16393}},
    {"lensym-286", {kBadLengthSymbol, 5154, 5108}},
    {"lensym-287", {kBadLengthSymbol, 5154, 5108}},
    {"distsym-30", {kBadDistanceSymbol, 5155, 5108}},
    {"blocktype-3", {kBadBlockType, 10, 0}},
    {"stored-badlen", {kStoredLength, 14, 0}},
    {"overlong-stream", {kDataChecksum, 2462, 65108}},
    {"two-members", {kSecondMember, 2250, 5108}},
    {"no-final-eob", {kTruncated, 2474, 5147}},
    {"bitflip-11", {kDistanceBeforeStart, 17, 5}},
    {"bitflip-40", {kDistanceBeforeStart, 41, 45}},
    {"bitflip-200", {kDataChecksum, 2470, 5110}},
    {"bitflip-700", {kDataChecksum, 2470, 5108}},
    {"bitflip-1500", {kDistanceBeforeStart, 1513, 3062}},
};

// What the loader says when it has seen the envelope to its end, or refuses the image for what is
// in it.
bool refused_for_the_image(const std::string& answer) {
  return answer == "LFS length mismatch" || answer.starts_with("Incorrect LFS ") ||
         answer == "incorrect LFS header signature" ||
         answer == "LFS Image too big for configured LFS region" ||
         answer == "No LFS partition allocated";
}

constexpr size_t kUnreadBytes = 200;  // it does not look into files of this size or less

// What it took by luck, or fell over: here each has its flaw.
bool taken_by_luck(const std::string& name) {
  return name == "lensym-286" || name == "distsym-30" || name == "two-members";
}

class LoaderVectors : public testing::Test {
 protected:
  const nlohmann::json vectors_ = nlohmann::json::parse(test::read_text(kFolder + "loader.json"));
};

TEST_F(LoaderVectors, EnvelopeVerdicts) {
  size_t refused = 0;
  for (const auto& vector : vectors_) {
    if (vector["file"].is_null()) {
      continue;
    }
    const std::string name = vector["name"];
    SCOPED_TRACE(name);
    const std::string file = test::read_text(kFolder + std::string(vector["file"]));
    ASSERT_EQ(test::sha256(file), vector["sha256"]);
    const test::Inflated ours =
        test::gunzip_ours(test::as_bytes(file), test::kDeviceRules, 1024, 16384);
    const auto flaw = kRefused.find(name);
    if (flaw == kRefused.end()) {
      EXPECT_STREQ(core::name(ours.result.error), "none");
      EXPECT_EQ(ours.result.input_offset, file.size());
      if (name != "ok-fhcrc") {  // its header's checksum is wrong, which zlib minds
        EXPECT_EQ(test::as_text(ours.bytes), test::gunzip(file));
      }
    } else {
      EXPECT_STREQ(core::name(ours.result.error), core::name(flaw->second.error));
      EXPECT_EQ(ours.result.input_offset, flaw->second.input_offset);
      EXPECT_EQ(ours.result.output_bytes, flaw->second.output_bytes);
      ++refused;
    }
  }
  EXPECT_EQ(refused, kRefused.size());  // none of the table is missing
}

TEST_F(LoaderVectors, NothingTheLoaderBootsIsRefusedAndNothingItRefusesIsForgotten) {
  ASSERT_EQ(vectors_.size(), 81u);
  for (const auto& vector : vectors_) {
    if (vector["file"].is_null()) {
      continue;
    }
    const std::string name = vector["name"];
    const std::string outcome = vector["outcome"];
    const bool refused = kRefused.contains(name);
    if (outcome.starts_with("rebooted")) {
      EXPECT_EQ(refused, taken_by_luck(name)) << name;
    } else if (outcome.starts_with("exception")) {
      EXPECT_TRUE(refused) << name;
    } else if (test::read_text(kFolder + name + ".bin").size() > kUnreadBytes &&
               !refused_for_the_image(vector["result"])) {
      EXPECT_TRUE(refused) << name;
    }
  }
}

}  // namespace
}  // namespace flashstore::core
