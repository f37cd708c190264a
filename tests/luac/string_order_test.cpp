#include "luac/string_order.h"

#include <gmock/gmock.h>

#include <numeric>
#include <random>

namespace flashstore::luac {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<uint32_t> order(std::vector<uint32_t> hashes) {
  return placement_order(hashes);
}

TEST(StringOrder, OfNothingIsNothing) {
  EXPECT_THAT(order({}), IsEmpty());
}

TEST(StringOrder, StringsAtHomeStandInOrderOfTheirSlots) {
  EXPECT_THAT(order({3, 2, 1, 0}), ElementsAre(3, 2, 1, 0));
}

TEST(StringOrder, ACollisionTakesTheHighestFreeSlot) {
  // Slots 0..1 hold the first two; the third makes the table four wide and lands on top.
  EXPECT_THAT(order({0, 1, 4}), ElementsAre(0, 1, 2));
  EXPECT_THAT(order({4, 8, 12, 16}), ElementsAre(0, 1, 3, 2));
}

TEST(StringOrder, AStringInAForeignHomeMakesRoom) {
  // The second, away from home in slot 3, gives it up to the fourth, whose home that is.
  EXPECT_THAT(order({0, 8, 16, 3, 11}).size(), 5u);
}

TEST(StringOrder, KeepsEachStringOnce) {
  std::mt19937 random(1);
  for (uint32_t count = 1; count < 300; ++count) {
    std::vector<uint32_t> hashes(count);
    for (uint32_t& hash : hashes) {
      hash = random() % 64;  // many collisions
    }
    std::vector<uint32_t> placed = placement_order(hashes);
    std::sort(placed.begin(), placed.end());
    std::vector<uint32_t> all(count);
    std::iota(all.begin(), all.end(), 0);
    ASSERT_EQ(placed, all);
  }
}

}  // namespace
}  // namespace flashstore::luac
