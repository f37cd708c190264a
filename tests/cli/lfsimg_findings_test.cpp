// Whatever the libraries can find wrong with an image has words in `lfsimg verify`.
#include "tools/lfsimg/findings.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "core/inflate.h"
#include "luaflash/verify_stream.h"
#include "luaflash/verify_structure.h"

namespace flashstore::lfsimg {
namespace {

// What can only happen to a caller that is wrong, or to nobody who has the whole file in memory.
const std::set<std::string> kNeverSaid{"source-failed", "sink-stopped", "header-checksum",
                                       "no-room"};

void expect_words(const std::string& id) {
  if (!kNeverSaid.contains(id)) {
    EXPECT_EQ(finding(id).id, id);
    EXPECT_FALSE(finding(id).what.empty()) << id;
    EXPECT_FALSE(finding(id).effect.empty()) << id;
  }
}

TEST(LfsimgFindings, HaveWordsForEveryFlawOfTheEnvelope) {
  uint32_t value = 1;
  for (; *core::name(static_cast<core::InflateError>(value)) != '\0'; ++value) {
    expect_words(core::name(static_cast<core::InflateError>(value)));
  }
  EXPECT_GT(value, 20u);
}

TEST(LfsimgFindings, HaveWordsForEveryFlawOfTheStream) {
  luaflash::StreamVerdict verdict;
  uint8_t value = 1;
  for (;; ++value) {
    verdict.finding = static_cast<luaflash::StreamFinding>(value);
    if (verdict.finding == luaflash::StreamFinding::kEnvelope) {
      continue;
    }
    if (*luaflash::name(verdict) == '\0') {
      break;
    }
    expect_words(luaflash::name(verdict));
  }
  EXPECT_GT(value, 15);
}

TEST(LfsimgFindings, HaveWordsForEveryFlawOfTheStructure) {
  uint8_t value = 1;
  for (; *luaflash::name(static_cast<luaflash::StructureFinding>(value)) != '\0'; ++value) {
    expect_words(luaflash::name(static_cast<luaflash::StructureFinding>(value)));
  }
  EXPECT_GT(value, 15);
}

}  // namespace
}  // namespace flashstore::lfsimg
