#include "luaflash/line_runs.h"

#include <gmock/gmock.h>

#include <utility>
#include <vector>

namespace flashstore::luaflash {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

struct Walked {
  std::vector<std::pair<uint32_t, uint32_t>> runs;  // line, instructions
  bool flawed;
};

Walked walk(const std::vector<uint8_t>& map) {
  LineRuns runs(map.data(), map.size());
  Walked walked{};
  while (runs.next()) {
    walked.runs.emplace_back(runs.line(), runs.count());
  }
  EXPECT_FALSE(runs.next());
  walked.flawed = runs.flawed();
  return walked;
}

TEST(LineRuns, FollowsDeltasInBothDirections) {
  const Walked walked = walk({0x01, 0x01, 0x80, 0x01, 0xC2, 0x01, 0x81, 0x04, 0x7E, 0xC0, 0x01});
  EXPECT_THAT(walked.runs, ElementsAre(Pair(1, 1), Pair(2, 1), Pair(4, 1), Pair(2, 1), Pair(5, 4),
                                       Pair(6, 126), Pair(6, 1)));
  EXPECT_FALSE(walked.flawed);
}

TEST(LineRuns, PutsDeltasOfSeveralBytesTogether) {
  EXPECT_THAT(walk({0xBF, 0x81, 0x01}).runs, ElementsAre(Pair(63 + 64 + 2, 1)));
  EXPECT_THAT(walk({0x80, 0x80, 0x81, 0x05}).runs, ElementsAre(Pair(8192 + 2, 5)));
  EXPECT_THAT(walk({0x80, 0x80, 0x80, 0x80, 0x80, 0x02}).runs, ElementsAre(Pair(2, 2)));
}

TEST(LineRuns, EndsAtTheNulOrTheLimit) {
  EXPECT_THAT(walk({}).runs, IsEmpty());
  EXPECT_THAT(walk({0x00, 0x01}).runs, IsEmpty());
  EXPECT_THAT(walk({0x03, 0x00, 0x01}).runs, ElementsAre(Pair(1, 3)));
  EXPECT_FALSE(walk({0x03, 0x00, 0x01}).flawed);
  const uint8_t bare[] = {0x03, 0x02, 0x00};
  LineRuns runs(bare);
  EXPECT_TRUE(runs.next());
  EXPECT_TRUE(runs.next());
  EXPECT_FALSE(runs.next());
}

TEST(LineRuns, StopsAtAFlaw) {
  for (const std::vector<uint8_t>& flaw :
       std::vector<std::vector<uint8_t>>{{0x80},
                                         {0x80, 0x00, 0x01},
                                         {0x7F},
                                         {0x80, 0x7F},
                                         {0xC0, 0x80},
                                         {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01}}) {
    std::vector<uint8_t> map = {0x02};
    map.insert(map.end(), flaw.begin(), flaw.end());
    const Walked walked = walk(map);
    EXPECT_THAT(walked.runs, ElementsAre(Pair(1, 2))) << testing::PrintToString(flaw);
    EXPECT_TRUE(walked.flawed) << testing::PrintToString(flaw);
  }
}

}  // namespace
}  // namespace flashstore::luaflash
